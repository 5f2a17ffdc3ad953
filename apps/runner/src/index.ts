/**
 * What a configuration imports: `import { csv, defineConfig, env } from "rollcall"`.
 *
 * Every source plugin that comes with Rollcall is offered here under its own name, so that a configuration needs one
 * import.
 */
import { ultipro as plugin } from "@rollcall/source-ultipro"

import { withEnvironment } from "./Configuration.ts"

export { csv } from "@rollcall/source-csv"
export { type Configuration, type OrganizationSettings, defineConfig, env } from "./Configuration.ts"

/** UKG Pro (UltiPro); see docs/ultipro.md. */
export const ultipro = withEnvironment(plugin)
