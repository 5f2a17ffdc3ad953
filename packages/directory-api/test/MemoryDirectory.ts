/**
 * The four services of the Directory in memory, as their contracts say: uniqueness, what is not found, circles, pages.
 *
 * For tests of the API alone. There is no HR behind it, and no log.
 */
import { randomBytes, randomUUID } from "node:crypto"

import { type Account, Accounts, type Sight } from "@rollcall/core/contract/Accounts"
import {
  Conflict,
  DirectoryRefused,
  Invalid,
  type Listing,
  NotFound,
  type Page,
  supervisorKind
} from "@rollcall/core/contract/Directory"
import { type Employee, type EmployeeProfile, Employees } from "@rollcall/core/contract/Employees"
import { type Group, type GroupProfile, Groups } from "@rollcall/core/contract/Groups"
import {
  type App,
  type AppQuery,
  type Organization,
  Organizations,
  type SigningKey
} from "@rollcall/core/contract/Organizations"
import type { ConfiguredApp } from "@rollcall/core/domain/DirectoryEvent"
import { organizationUuid } from "@rollcall/core/domain/Employee"
import { OrganizationId } from "@rollcall/core/domain/Organization"
import { Effect, Layer } from "effect"

interface Tie {
  readonly employee: string
  readonly manager: string
  readonly type: string
}

interface Membership {
  readonly entity: string
  readonly group: string
  readonly type: string
}

/** Everything there is. */
class World {
  readonly organizations = new Map<string, Organization>()
  readonly secrets = new Map<string, ReadonlyArray<ConfiguredApp>>()
  readonly keys = new Map<string, SigningKey>()
  readonly accounts = new Map<string, Account>()
  readonly employees = new Map<string, Employee>()
  readonly employeeProfiles = new Map<string, EmployeeProfile>()
  readonly groups = new Map<string, Group>()
  readonly groupProfiles = new Map<string, GroupProfile>()
  ties: ReadonlyArray<Tie> = []
  memberships: ReadonlyArray<Membership> = []
}

type What = NotFound["what"]

const missing = (what: What, id: string) => new DirectoryRefused({ reason: new NotFound({ what, id }) })
const conflict = (field: string, problem: string) => new DirectoryRefused({ reason: new Conflict({ field, problem }) })
const invalid = (field: string, problem: string) => new DirectoryRefused({ reason: new Invalid({ field, problem }) })

const status = { current: "ACTIVE", changedAt: null, changedBy: null }

const created = (actor: string) => ({
  createdAt: "2026-08-22T09:30:00.000Z",
  createdBy: actor.startsWith("account:") ? actor.slice("account:".length) : null
})

const page = <A extends { readonly name: string | null }>(
  items: ReadonlyArray<A>,
  idOf: (item: A) => string,
  { limit, after }: Page
): Listing<A> => {
  const keyOf = (item: A) => JSON.stringify([item.name ?? "", idOf(item)])
  const sorted = items
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .filter((item) => after === null || keyOf(item) > after)
  const shown = sorted.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown, next: sorted.length > limit && last !== undefined ? keyOf(last) : null }
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

const merged = <P extends object>(known: P, next: P, mode: "replace" | "merge"): P =>
  mode === "replace" ? next : { ...known, ...next }

const inOrganization = <A extends { readonly organization: string | null }>(
  all: ReadonlyMap<string, A>,
  organization: string,
  what: What,
  id: string
) => {
  const found = all.get(id)
  return found?.organization === organization ? Effect.succeed(found) : Effect.fail(missing(what, id))
}

const isAsked = (app: ConfiguredApp, query: AppQuery) =>
  app.type === query.type &&
  (query._tag === "type" ||
    (query._tag === "id" && app.name === query.externalId) ||
    (query._tag === "data" && app.data[query.key] === query.value) ||
    (query._tag === "secret" && app.secrets[query.key] === query.secret))

const seen = (account: Account, sight: Sight) =>
  sight === null || account.organization === sight || account.grants.some(({ orgId }) => orgId === sight)
const shown = (account: Account, sight: Sight): Account => ({
  ...account,
  grants: account.grants.filter(({ orgId }) => sight === null || orgId === sight)
})

const organizationsOf = (world: World, accounts: Accounts["Service"]) => {
  const find = (id: string) => {
    const found = world.organizations.get(id)
    return found === undefined ? Effect.fail(missing("organization", id)) : Effect.succeed(found)
  }
  const checkAlias = (alias: string, id: string) =>
    [...world.organizations.values()].some((other) => other.alias === alias && other.id !== id)
      ? Effect.fail(conflict("alias", "is taken"))
      : Effect.void
  const aliasOf = (name: string, id: string) => {
    const slug = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/gu, "-")
      .replaceAll(/^-|-$/gu, "")
      .slice(0, 50)
    const taken = [...world.organizations.values()].some((other) => other.alias === slug)
    return slug === "" || taken ? `${slug}-${id.slice(0, 8)}`.replace(/^-/u, "") : slug
  }
  const own = Effect.fnUntraced(function* (actor: string, organization: Organization, email: string | undefined) {
    if (email === undefined) return organization
    const known = [...world.accounts.values()].find((a) => a.organization === organization.id && same(a.email, email))
    const account = known ?? (yield* accounts.create(actor, organization.id, { email }))
    yield* accounts.grant(actor, organization.id, account.id, { orgId: organization.id, role: "ORG_ADMIN" })
    const next = { ...organization, owners: [account.id] }
    world.organizations.set(next.id, next)
    return next
  })
  const make = (
    id: string,
    log: OrganizationId,
    name: string,
    alias: string,
    actor: string,
    apps: ReadonlyArray<App>
  ) => {
    const organization: Organization = {
      id,
      log,
      name,
      alias,
      active: true,
      status,
      created: created(actor),
      owners: [],
      profile: {},
      apps,
      keys: []
    }
    world.organizations.set(id, organization)
    return organization
  }
  return Organizations.of({
    register: (log, apps) =>
      Effect.sync(() => {
        const id = organizationUuid(log)
        const shown = apps.map(({ id: app, type, name, data, secrets }) => ({
          id: app,
          type,
          name,
          data,
          secretNames: Object.keys(secrets),
          created: created("root"),
          status
        }))
        if (!world.organizations.has(id)) make(id, log, log, log.replaceAll("_", "-"), "root", shown)
        world.secrets.set(id, apps)
        return id
      }),
    list: (asked, only) =>
      Effect.sync(() =>
        page(
          [...world.organizations.values()].filter(({ id }) => only === null || id === only),
          ({ id }) => id,
          asked
        )
      ),
    get: find,
    byAlias: (alias) => {
      const found = [...world.organizations.values()].find((organization) => organization.alias === alias)
      return found === undefined ? Effect.fail(missing("organization", alias)) : Effect.succeed(found)
    },
    byApp: (query, asked, only) =>
      Effect.sync(() => {
        const found = [...world.organizations.values()].filter(
          ({ id }) => (only === null || id === only) && (world.secrets.get(id) ?? []).some((app) => isAsked(app, query))
        )
        return page(found, ({ id }) => id, asked)
      }),
    create: Effect.fnUntraced(function* (actor, { name, alias, ownerEmail }) {
      const id = randomUUID()
      if (alias !== undefined) yield* checkAlias(alias, id)
      return yield* own(
        actor,
        make(id, OrganizationId.make(id), name, alias ?? aliasOf(name, id), actor, []),
        ownerEmail
      )
    }),
    update: Effect.fnUntraced(function* (actor, id, { name, alias, ownerEmail }) {
      const known = yield* find(id)
      if (alias !== undefined) yield* checkAlias(alias, id)
      const next = { ...known, name, alias: alias ?? known.alias }
      world.organizations.set(id, next)
      return yield* own(actor, next, ownerEmail)
    }),
    setProfile: (_actor, id, profile, mode) =>
      Effect.map(find(id), (known) => {
        const next = merged(known.profile, profile, mode)
        world.organizations.set(id, { ...known, profile: next })
        return next
      }),
    createKey: (_actor, id, { name, limitToRole }) =>
      Effect.map(find(id), (known) => {
        const key = { id: randomUUID(), name, limitToRole: limitToRole ?? null }
        world.organizations.set(id, { ...known, keys: [...known.keys, key] })
        const signing = { ...key, organization: id, salt: randomBytes(16).toString("hex") }
        world.keys.set(key.id, signing)
        return signing
      }),
    revokeKey: Effect.fnUntraced(function* (_actor, id, key) {
      const known = yield* find(id)
      const { name, limitToRole } = yield* inOrganization(world.keys, id, "key", key)
      world.keys.delete(key)
      world.organizations.set(id, { ...known, keys: known.keys.filter((other) => other.id !== key) })
      return { id: key, name, limitToRole }
    }),
    signingKey: (key) => Effect.sync(() => world.keys.get(key) ?? null)
  })
}

const accountsOf = (world: World) => {
  const find = (sight: Sight, idOrEmail: string) => {
    const found = [...world.accounts.values()]
      .filter((account) => seen(account, sight) && (account.id === idOrEmail || same(account.email, idOrEmail)))
      .toSorted((a, b) => Number(b.organization === sight) - Number(a.organization === sight))[0]
    return found === undefined ? Effect.fail(missing("account", idOrEmail)) : Effect.succeed(found)
  }
  const checkEmail = (organization: string | null, email: string, id?: string) =>
    [...world.accounts.values()].some((a) => a.organization === organization && same(a.email, email) && a.id !== id)
      ? Effect.fail(conflict("email", "is taken"))
      : Effect.void
  return Accounts.of({
    list: (asked, sight, only) =>
      Effect.sync(() => {
        const found = [...world.accounts.values()]
          .filter((account) => seen(account, sight))
          .map((account) => shown(account, sight))
          .filter(({ grants }) => only === undefined || grants.some(({ role }) => role === "ORG_ADMIN"))
        return page(found, ({ id }) => id, asked)
      }),
    find: (sight, idOrEmail) => Effect.map(find(sight, idOrEmail), (account) => shown(account, sight)),
    create: Effect.fnUntraced(function* (actor, organization, { name, email }) {
      yield* checkEmail(organization, email)
      const account: Account = {
        id: randomUUID(),
        email,
        name: name ?? null,
        active: true,
        status,
        created: created(actor),
        organization,
        grants: []
      }
      world.accounts.set(account.id, account)
      return account
    }),
    update: Effect.fnUntraced(function* (_actor, sight, idOrEmail, { name, email }) {
      const known = yield* find(sight, idOrEmail)
      if (sight !== null && known.organization !== sight)
        return yield* conflict("email", "belongs to another organization")
      yield* checkEmail(known.organization, email, known.id)
      const next = { ...known, email, name: name ?? known.name }
      world.accounts.set(known.id, next)
      return shown(next, sight)
    }),
    grant: Effect.fnUntraced(function* (_actor, sight, id, { orgId, role, employeeId }) {
      const known = yield* find(sight, id)
      if (!world.organizations.has(orgId)) return yield* missing("organization", orgId)
      if (employeeId !== undefined && world.employees.get(employeeId)?.organization !== orgId) {
        return yield* invalid("employeeId", "is no employee of the organization")
      }
      const others = known.grants.filter((grant) => grant.orgId !== orgId)
      const next = { ...known, grants: [...others, { orgId, role, employeeId: employeeId ?? null }] }
      world.accounts.set(known.id, next)
      return shown(next, sight)
    })
  })
}

const employeesOf = (world: World) => {
  const find = (organization: string, id: string) => inOrganization(world.employees, organization, "employee", id)
  const list = (asked: Page, matches: (employee: Employee) => boolean) =>
    page([...world.employees.values()].filter(matches), ({ id }) => id, asked)
  const isOf = (employee: Employee, account: string) =>
    employee.account === account ||
    (world.accounts.get(account)?.grants ?? []).some(({ employeeId }) => employeeId === employee.id)
  const checkEmail = (organization: string, email: string, id?: string) =>
    [...world.employees.values()].some(
      (other) => other.organization === organization && same(other.email ?? "", email) && other.id !== id
    )
      ? Effect.fail(conflict("email", "is taken"))
      : Effect.void
  const managersOf = (id: string) =>
    world.ties
      .filter(({ employee }) => employee === id)
      .flatMap(({ manager, type }) => {
        const found = world.employees.get(manager)
        return found === undefined ? [] : [{ managerId: manager, type, manager: found }]
      })
  const leads = (from: string, to: string, type: string, seen = new Set<string>()): boolean => {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return world.ties.some((tie) => tie.employee === from && tie.type === type && leads(tie.manager, to, type, seen))
  }
  return Employees.of({
    list: (organization, { status: current, type }, asked) =>
      Effect.sync(() =>
        list(
          asked,
          (employee) =>
            employee.organization === organization &&
            (current === undefined || same(employee.status.current, current)) &&
            (type === undefined || same(employee.type ?? "", type))
        )
      ),
    withoutKey: (organization, asked) =>
      Effect.sync(() =>
        list(
          asked,
          (employee) =>
            employee.organization === organization &&
            typeof world.employeeProfiles.get(employee.id)?.employeeNumber !== "string"
        )
      ),
    byName: (organization, name, asked) =>
      Effect.sync(() => list(asked, (employee) => employee.organization === organization && same(employee.name, name))),
    byAccount: (organization, account) => {
      const found = [...world.employees.values()].find((e) => e.organization === organization && isOf(e, account))
      return found === undefined ? Effect.fail(missing("employee", account)) : Effect.succeed(found)
    },
    ofAccount: (sight, account, asked) =>
      Effect.sync(() => list(asked, (e) => (sight === null || e.organization === sight) && isOf(e, account))),
    byManager: (organization, manager, type, asked) =>
      Effect.map(find(organization, manager), () => {
        const reports = new Set(
          world.ties
            .filter((tie) => tie.manager === manager && (type === undefined || tie.type === type))
            .map(({ employee }) => employee)
        )
        return list(asked, ({ id }) => reports.has(id))
      }),
    get: find,
    create: Effect.fnUntraced(function* (actor, organization, { name, email, account, role }) {
      if (!world.organizations.has(organization)) return yield* missing("organization", organization)
      yield* checkEmail(organization, email)
      if (account !== undefined && !world.accounts.has(account)) return yield* invalid("account", "is no account")
      const employee: Employee = {
        id: randomUUID(),
        organization,
        name,
        email,
        active: true,
        status,
        created: created(actor),
        account: account ?? null,
        role: role ?? null,
        type: null
      }
      world.employees.set(employee.id, employee)
      return employee
    }),
    update: Effect.fnUntraced(function* (_actor, organization, id, { name, email, account, role }) {
      const known = yield* find(organization, id)
      yield* checkEmail(organization, email, id)
      if (account !== undefined && !world.accounts.has(account)) return yield* invalid("account", "is no account")
      const next = { ...known, name, email, account: account ?? known.account, role: role ?? known.role }
      world.employees.set(id, next)
      return next
    }),
    managers: (organization, id) => Effect.map(find(organization, id), () => managersOf(id)),
    assignManager: Effect.fnUntraced(function* (_actor, organization, id, { managerId, type }) {
      yield* find(organization, id)
      if (world.employees.get(managerId)?.organization !== organization) {
        return yield* invalid("managerId", "is no employee of the organization")
      }
      if (leads(managerId, id, type)) return yield* conflict("managerId", "would make a circle")
      const others = world.ties.filter(
        (tie) => tie.employee !== id || tie.type !== type || (type !== supervisorKind && tie.manager !== managerId)
      )
      world.ties = [...others, { employee: id, manager: managerId, type }]
      return managersOf(id)
    }),
    removeManager: Effect.fnUntraced(function* (_actor, organization, id, manager) {
      yield* find(organization, id)
      const others = world.ties.filter((tie) => tie.employee !== id || tie.manager !== manager)
      if (others.length === world.ties.length) return yield* missing("manager", manager)
      world.ties = others
    }),
    profile: (organization, id) => Effect.map(find(organization, id), () => world.employeeProfiles.get(id) ?? {}),
    setProfile: Effect.fnUntraced(function* (_actor, organization, id, profile, mode) {
      yield* find(organization, id)
      const known = world.employeeProfiles.get(id) ?? {}
      const { employeeNumber } = known
      const next = merged(known, profile, mode)
      if (typeof employeeNumber === "string" && (next.employeeNumber ?? employeeNumber) !== employeeNumber) {
        return yield* conflict("employeeNumber", "was given and is never changed")
      }
      const kept = { ...next, ...(typeof employeeNumber === "string" ? { employeeNumber } : {}) }
      world.employeeProfiles.set(id, kept)
      return kept
    })
  })
}

const groupsOf = (world: World) => {
  const find = (organization: string, id: string) => inOrganization(world.groups, organization, "group", id)
  const entity = (organization: string, id: string) => {
    const found = world.employees.get(id) ?? world.groups.get(id)
    return found?.organization === organization ? Effect.succeed(found) : Effect.fail(missing("employee", id))
  }
  const within = (group: string, outer: string): boolean =>
    group === outer || world.memberships.some((one) => one.entity === group && within(one.group, outer))
  return Groups.of({
    list: (organization, { status: current, type }, asked) =>
      Effect.sync(() => {
        const found = [...world.groups.values()].filter(
          (group) =>
            group.organization === organization &&
            (current === undefined || same(group.status.current, current)) &&
            (type === undefined || same(group.type, type))
        )
        return page(found, ({ id }) => id, asked)
      }),
    get: find,
    create: Effect.fnUntraced(function* (actor, organization, { name, type }) {
      if (!world.organizations.has(organization)) return yield* missing("organization", organization)
      const group: Group = { id: randomUUID(), organization, name, type, active: true, status, created: created(actor) }
      world.groups.set(group.id, group)
      return group
    }),
    update: (_actor, organization, id, details) =>
      Effect.map(find(organization, id), (known) => {
        const next = { ...known, ...details }
        world.groups.set(id, next)
        return next
      }),
    profile: (organization, id) => Effect.map(find(organization, id), () => world.groupProfiles.get(id) ?? {}),
    setProfile: (_actor, organization, id, profile, mode) =>
      Effect.map(find(organization, id), () => {
        const next = merged(world.groupProfiles.get(id) ?? {}, profile, mode)
        world.groupProfiles.set(id, next)
        return next
      }),
    members: (organization, id, { entity: kind, membership }, asked) =>
      Effect.map(find(organization, id), () => {
        const found = world.memberships
          .filter(({ group, type }) => group === id && (membership === undefined || same(type, membership)))
          .flatMap(({ entity: entityId, type }) => {
            const employee = world.employees.get(entityId)
            const name = employee?.name ?? world.groups.get(entityId)?.name
            const entityType = employee === undefined ? ("group" as const) : ("employee" as const)
            return name === undefined ? [] : [{ entityId, entityType, type, name }]
          })
          .filter(({ entityType }) => kind === undefined || same(entityType, kind))
        return page(found, ({ entityId, type }) => `${entityId} ${type}`, asked)
      }),
    ofEntity: (organization, id) =>
      Effect.map(entity(organization, id), () =>
        world.memberships
          .filter((one) => one.entity === id)
          .flatMap(({ group, type }) => {
            const found = world.groups.get(group)
            return found === undefined ? [] : [{ groupId: group, type, group: found }]
          })
      ),
    setForEntity: Effect.fnUntraced(function* (_actor, organization, id, next) {
      yield* entity(organization, id)
      for (const [index, { groupId }] of next.entries()) {
        if (world.groups.get(groupId)?.organization !== organization) {
          return yield* invalid(`${index}.groupId`, "is no group of the organization")
        }
        if (within(groupId, id)) return yield* conflict(`${index}.groupId`, "would be within itself")
      }
      world.memberships = [
        ...world.memberships.filter((one) => one.entity !== id),
        ...next.map(({ groupId, type }) => ({ entity: id, group: groupId, type }))
      ]
    }),
    removeEntity: Effect.fnUntraced(function* (_actor, organization, id, group) {
      yield* entity(organization, id)
      const others = world.memberships.filter((one) => one.entity !== id || one.group !== group)
      if (others.length === world.memberships.length) return yield* missing("membership", group)
      world.memberships = others
    })
  })
}

/** A world of its own each time it is built. */
export const layer = Layer.unwrap(
  Effect.sync(() => {
    const world = new World()
    const accounts = accountsOf(world)
    return Layer.mergeAll(
      Layer.succeed(Accounts, accounts),
      Layer.succeed(Organizations, organizationsOf(world, accounts)),
      Layer.succeed(Employees, employeesOf(world)),
      Layer.succeed(Groups, groupsOf(world))
    )
  })
)
