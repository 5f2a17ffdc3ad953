/**
 * Who may do what: the least role of every operation, in one table. `Admission` enforces it, the documents show it.
 *
 * An operation that does not stand here is open to nobody. What a role reaches beyond its organization is `Caller`'s.
 */
import { includesRole, type Role } from "@rollcall/core/domain/Role"

export interface Permission {
  readonly least: Role
  /** A lesser role may, too, where the path names the employee that the caller's account belongs to. */
  readonly self?: true
}

const employee: Permission = { least: "EMPLOYEE" }
const manager: Permission = { least: "MANAGER" }
const managerOrSelf: Permission = { least: "MANAGER", self: true }
const admin: Permission = { least: "ORG_ADMIN" }
const superAdmin: Permission = { least: "SUPER_ADMIN" }

export const permissions = {
  listOrganizations: employee,
  createOrganization: superAdmin,
  updateCurrentOrganization: admin,
  getOrganization: employee,
  updateOrganization: admin,
  getCurrentOrganizationProfile: employee,
  replaceCurrentOrganizationProfile: admin,
  updateCurrentOrganizationProfile: admin,
  getOrganizationProfile: employee,
  replaceOrganizationProfile: admin,
  updateOrganizationProfile: admin,
  getOrganizationByAlias: employee,
  // Whoever is not shown the plugins does not find out about them by asking.
  listOrganizationsByApp: admin,
  listOrganizationsByAppId: admin,
  listOrganizationsByAppData: admin,
  listOrganizationsByAppSecret: admin,
  createCurrentOrganizationKey: admin,
  createOrganizationKey: admin,
  deleteCurrentOrganizationKey: admin,
  deleteOrganizationKey: admin,

  listAccounts: admin,
  createAccount: admin,
  getAccount: admin,
  updateAccount: admin,
  grantRole: admin,
  listOrganizationAdmins: admin,
  listAccountEmployees: admin,
  listOrganizationAccounts: admin,

  listEmployees: employee,
  createEmployee: admin,
  getEmployee: employee,
  updateEmployee: admin,
  listEmployeesByName: employee,
  listManagers: employee,
  setManager: admin,
  removeManager: admin,
  getEmployeeProfile: managerOrSelf,
  replaceEmployeeProfile: managerOrSelf,
  updateEmployeeProfile: managerOrSelf,
  getEmployeeByAccount: employee,
  listReports: employee,

  listGroups: employee,
  createGroup: manager,
  getGroup: employee,
  updateGroup: manager,
  getGroupProfile: employee,
  replaceGroupProfile: manager,
  updateGroupProfile: manager,
  listGroupMembers: employee,
  listEntityGroups: employee,
  setEntityGroups: manager,
  removeEntityFromGroup: manager
} as const satisfies Record<string, Permission>

export type Operation = keyof typeof permissions

export const permissionOf = (operation: string): Permission | undefined =>
  Object.hasOwn(permissions, operation) ? permissions[operation as Operation] : undefined

export const isPermitted = (permission: Permission, role: Role): boolean => includesRole(role, permission.least)

/** For people: `ORG_ADMIN`, `MANAGER, or the employee's own account`. */
export const inWords = ({ least, self }: Permission): string =>
  self ? `${least}, or the employee's own account` : least
