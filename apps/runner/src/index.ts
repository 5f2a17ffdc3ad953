/**
 * What a configuration imports: `import { csv, defineConfig, env } from "rollcall"`.
 *
 * Every source plugin that comes with Rollcall is offered here under its own name, so that a configuration needs one
 * import.
 */
export { csv } from "@rollcall/source-csv"
export { type Configuration, type OrganizationSettings, defineConfig, env } from "./Configuration.ts"
