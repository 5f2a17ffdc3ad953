/**
 * All that a database holds: the log, the lane, and the Directory's tables, which follow the log.
 *
 * `DirectoryPolicies` has to be provided before this is built: whose word counts is the configuration's to say.
 */
import type { Accounts } from "@rollcall/core/contract/Accounts"
import type { Employees } from "@rollcall/core/contract/Employees"
import type { Erasure } from "@rollcall/core/contract/Erasure"
import type { EventLog, StoreError } from "@rollcall/core/contract/EventLog"
import type { Groups } from "@rollcall/core/contract/Groups"
import type { Lane } from "@rollcall/core/contract/Lane"
import type { Organizations } from "@rollcall/core/contract/Organizations"
import { Layer } from "effect"

import * as AccountStore from "./Accounts.ts"
import type { Database } from "./Database.ts"
import * as EmployeeStore from "./Employees.ts"
import * as ErasureStore from "./Erasure.ts"
import * as GroupStore from "./Groups.ts"
import { layerWithLog } from "./LaneStore.ts"
import * as OrganizationStore from "./Organizations.ts"
import * as UpkeepStore from "./Upkeep.ts"

export type Directory = Organizations | Accounts | Employees | Groups | Erasure | UpkeepStore.Upkeep

/** The four services, their upkeep and what forgets people, on a database that has the right shape. */
const directory: Layer.Layer<Directory, never, Database> = Layer.mergeAll(
  OrganizationStore.layer,
  AccountStore.layer,
  EmployeeStore.layer,
  GroupStore.layer,
  ErasureStore.layer,
  UpkeepStore.layer
)

/** Everything over one database, which is migrated first. */
export const layer: Layer.Layer<Directory | EventLog | Lane, StoreError, Database> = Layer.provideMerge(
  directory,
  layerWithLog
)
