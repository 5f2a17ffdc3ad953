/**
 * The 52 operations as the customer's document lists them, written off it by hand: what the definition is judged by.
 *
 * `body`: the members, those that are required with a `*`; `array` where it is a list of such. `answer`: the status, where
 * the document shows one or docs/directory.md says it.
 */
export interface Documented {
  readonly method: string
  readonly path: string
  readonly title: string
  readonly answer: 200 | 201
  readonly body?: string
  readonly array?: true
  readonly query?: string
  /** The document says "No content". */
  readonly empty?: true
}

const organization = "name* alias ownerEmail"
const organizationProfile = "logoUrl timezone location countryCode companySize website mission"
const employee = "name* email* account role"
const employeeProfile =
  "employeeNumber firstName lastName bio profileImage birthDate gender timezone location joinDate companyRole"

const one = (
  method: string,
  path: string,
  title: string,
  answer: 200 | 201,
  more: Partial<Documented> = {}
): Documented => ({ method, path: `/api/v1${path}`, title, answer, ...more })

export const documented: ReadonlyArray<Documented> = [
  one("GET", "/organization", "List organizations", 200),
  one("POST", "/organization", "Create organization", 201, { body: organization }),
  one("PATCH", "/organization", "Update current organization", 200, { body: organization }),
  one("GET", "/organization/{organization}", "Get organization by ID", 200),
  one("PATCH", "/organization/{organization}", "Update organization by ID", 200, { body: organization }),
  one("GET", "/organization/profile", "Get organization profile", 200),
  one("POST", "/organization/profile", "Create or replace organization profile", 201, { body: organizationProfile }),
  one("PATCH", "/organization/profile", "Update organization profile", 200, { body: organizationProfile }),
  one("GET", "/organization/{organization}/profile", "Get organization profile by ID", 200),
  one("POST", "/organization/{organization}/profile", "Create or replace profile for organization", 201, {
    body: organizationProfile
  }),
  one("PATCH", "/organization/{organization}/profile", "Update profile for organization", 200, {
    body: organizationProfile
  }),
  one("GET", "/organization/alias/{alias}", "Get organization by alias", 200),
  one("GET", "/organization/by-app/{type}", "List organizations by app type", 200),
  one("GET", "/organization/by-app-id/{type}/{externalId}", "List organizations by app external ID", 200),
  one("GET", "/organization/by-app-data/{type}/{key}/{value}", "List organizations by app data", 200),
  one("POST", "/organization/by-app-secret/{type}/{key}", "List organizations by app secret", 200, { body: "secret*" }),
  one("POST", "/organization/keys", "Create API key for organization", 201, { body: "name* limitToRole" }),
  one("POST", "/organization/{organization}/keys", "Create API key for org by ID", 201, { body: "name* limitToRole" }),
  one("DELETE", "/organization/keys/{key}", "Delete API key for current organization", 200),
  one("DELETE", "/organization/{organization}/keys/{key}", "Delete API key by org ID", 200),
  one("GET", "/account", "List accounts", 200),
  one("POST", "/account", "Create account", 201, { body: "name email*" }),
  one("GET", "/account/{accountIdOrEmail}", "Get account by ID or email", 200),
  one("PATCH", "/account/{accountIdOrEmail}", "Update account", 200, { body: "name email*" }),
  one("POST", "/account/{accountId}/grant", "Grant account a role", 200, { body: "orgId role* employeeId" }),
  one("GET", "/account/org-admins", "List organization admins", 200),
  one("GET", "/account/{accountId}/employees", "List employees for account", 200),
  one("GET", "/account/for-org", "List accounts for organization", 200),
  one("GET", "/employee", "List employees", 200, { query: "status type" }),
  one("POST", "/employee", "Create employee", 201, { body: employee }),
  one("GET", "/employee/{employee}", "Get employee", 200),
  one("PATCH", "/employee/{employee}", "Update employee", 200, { body: employee }),
  one("GET", "/employee/by-name/{name}", "Get employees by name", 200),
  one("GET", "/employee/{employee}/managers", "List managers of employee", 200),
  one("POST", "/employee/{employee}/managers", "Set managers for employee", 200, { body: "managerId* type*" }),
  one("DELETE", "/employee/{employee}/managers/{manager}", "Remove manager from employee", 200, { empty: true }),
  one("GET", "/employee/{employee}/profile", "Get employee profile", 200),
  one("POST", "/employee/{employee}/profile", "Create or replace employee profile", 201, { body: employeeProfile }),
  one("PATCH", "/employee/{employee}/profile", "Update employee profile", 200, { body: employeeProfile }),
  one("GET", "/employee/by-account/{accountId}", "Get employee by account ID", 200),
  one("GET", "/employee/by-manager/{managerId}", "List reports for manager", 200, { query: "type" }),
  one("GET", "/group", "List groups", 200, { query: "status type" }),
  one("POST", "/group", "Create group", 201, { body: "name* type*" }),
  one("GET", "/group/{id}", "Get group", 200),
  one("PATCH", "/group/{id}", "Update group", 200, { body: "name* type*" }),
  one("GET", "/group/{group}/profile", "Get group profile", 200),
  one("POST", "/group/{group}/profile", "Create or replace group profile", 201, { body: "icon description" }),
  one("PATCH", "/group/{group}/profile", "Update group profile", 200, { body: "icon description" }),
  one("GET", "/group/{groupId}/members", "List group members", 200, { query: "entity membership" }),
  one("GET", "/entity/{entity}/groups", "Get entity groups", 200),
  // `groupId` is optional in the document and required in effect: docs/directory.md, decision 3.
  one("POST", "/entity/{entity}/groups", "Set groups for entity", 200, {
    body: "groupId* type",
    array: true,
    empty: true
  }),
  one("DELETE", "/entity/{entity}/groups/{group}", "Remove entity from group", 200, { empty: true })
]
