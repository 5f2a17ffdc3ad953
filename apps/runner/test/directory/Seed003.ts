/**
 * The 52 operations of the customer's document, one a line: method, path below /api/v1, our name for it, the status of
 * success (`none`: 200 with no content), then its fields (`*` required, `[]` before those of an array) and `?` queries.
 *
 * The document shows no answer for ten of the POSTs: 201, as docs/directory.md says. Everything else here is the
 * document's own; the judge's OpenAPI description is held against it, and the driver finds its addresses in it.
 */
const organizationProfile = "logoUrl timezone location countryCode companySize website mission"
const employeeProfile =
  "employeeNumber firstName lastName bio profileImage birthDate:date gender timezone location joinDate:date companyRole"

const table = `
GET    /organization                                    listOrganizations                  200
POST   /organization                                    createOrganization                 201  name* alias ownerEmail
PATCH  /organization                                    updateCurrentOrganization          200  name* alias ownerEmail
GET    /organization/{organization}                     getOrganization                    200
PATCH  /organization/{organization}                     updateOrganization                 200  name* alias ownerEmail
GET    /organization/profile                            getCurrentOrganizationProfile      200
POST   /organization/profile                            replaceCurrentOrganizationProfile  201  ${organizationProfile}
PATCH  /organization/profile                            updateCurrentOrganizationProfile   200  ${organizationProfile}
GET    /organization/{organization}/profile             getOrganizationProfile             200
POST   /organization/{organization}/profile             replaceOrganizationProfile         201  ${organizationProfile}
PATCH  /organization/{organization}/profile             updateOrganizationProfile          200  ${organizationProfile}
GET    /organization/alias/{alias}                      getOrganizationByAlias             200
GET    /organization/by-app/{type}                      listOrganizationsByAppType         200
GET    /organization/by-app-id/{type}/{externalId}      listOrganizationsByAppId           200
GET    /organization/by-app-data/{type}/{key}/{value}   listOrganizationsByAppData         200
POST   /organization/by-app-secret/{type}/{key}         listOrganizationsByAppSecret       200  secret*
POST   /organization/keys                               createCurrentOrganizationKey       201  name* limitToRole
POST   /organization/{organization}/keys                createOrganizationKey              201  name* limitToRole
DELETE /organization/keys/{key}                         deleteCurrentOrganizationKey       200
DELETE /organization/{organization}/keys/{key}          deleteOrganizationKey              200
GET    /account                                         listAccounts                       200
POST   /account                                         createAccount                      201  email* name
GET    /account/{accountIdOrEmail}                      getAccount                         200
PATCH  /account/{accountIdOrEmail}                      updateAccount                      200  email* name
POST   /account/{accountId}/grant                       grantRole                          200  role* orgId:uuid employeeId:uuid
GET    /account/org-admins                              listOrganizationAdmins             200
GET    /account/{accountId}/employees                   listEmployeesOfAccount             200
GET    /account/for-org                                 listAccountsOfOrganization         200
GET    /employee                                        listEmployees                      200  ?status ?type
POST   /employee                                        createEmployee                     201  name* email* account:uuid role
GET    /employee/{employee}                             getEmployee                        200
PATCH  /employee/{employee}                             updateEmployee                     200  name* email* account:uuid role
GET    /employee/by-name/{name}                         getEmployeesByName                 200
GET    /employee/{employee}/managers                    listManagers                       200
POST   /employee/{employee}/managers                    setManagers                        200  managerId*:uuid type*
DELETE /employee/{employee}/managers/{manager}          removeManager                      none
GET    /employee/{employee}/profile                     getEmployeeProfile                 200
POST   /employee/{employee}/profile                     replaceEmployeeProfile             201  ${employeeProfile}
PATCH  /employee/{employee}/profile                     updateEmployeeProfile              200  ${employeeProfile}
GET    /employee/by-account/{accountId}                 getEmployeeByAccount               200
GET    /employee/by-manager/{managerId}                 listReports                        200  ?type
GET    /group                                           listGroups                         200  ?status ?type
POST   /group                                           createGroup                        201  name* type*
GET    /group/{id}                                      getGroup                           200
PATCH  /group/{id}                                      updateGroup                        200  name* type*
GET    /group/{group}/profile                           getGroupProfile                    200
POST   /group/{group}/profile                           replaceGroupProfile                201  icon description
PATCH  /group/{group}/profile                           updateGroupProfile                 200  icon description
GET    /group/{groupId}/members                         listGroupMembers                   200  ?entity ?membership
GET    /entity/{entity}/groups                          getEntityGroups                    200
POST   /entity/{entity}/groups                          setEntityGroups                    none [] groupId:uuid type
DELETE /entity/{entity}/groups/{group}                  removeEntityFromGroup              none
`

export interface Operation {
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly name: string
  readonly status: 200 | 201
  readonly answersNothing: boolean
  readonly takesArray: boolean
  /** `name`, or `name:format`. */
  readonly required: ReadonlyArray<string>
  readonly optional: ReadonlyArray<string>
  readonly query: ReadonlyArray<string>
}

const operation = (line: string): Operation => {
  const [method = "", path = "", name = "", answer = "", ...rest] = line.split(/ +/)
  const fields = rest.filter((word) => word !== "[]" && !word.startsWith("?"))
  return {
    method,
    path: `/api/v1${path}`,
    name,
    status: answer === "201" ? 201 : 200,
    answersNothing: answer === "none",
    takesArray: rest.includes("[]"),
    required: fields.filter((word) => word.includes("*")).map((word) => word.replace("*", "")),
    optional: fields.filter((word) => !word.includes("*")),
    query: rest.filter((word) => word.startsWith("?")).map((word) => word.slice(1))
  }
}

export const operations: ReadonlyArray<Operation> = table.trim().split("\n").map(operation)

export const operationNamed = (name: string): Operation => {
  const found = operations.find((operation) => operation.name === name)
  if (found === undefined) throw new Error(`The document has no operation ${name}.`)
  return found
}
