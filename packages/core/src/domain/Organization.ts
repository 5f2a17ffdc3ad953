/**
 * The organization: one customer of Together, with a log, a lane and a configuration of its own.
 *
 * Everything that is stored or sent belongs to exactly one of them.
 */
import { Schema } from "effect"

/**
 * The name of an organization in the configuration: 1 to 64 of `a-z 0-9 _ -`, beginning with a letter or digit. It is
 * the key of the log, so renaming an organization begins a new log.
 */
export const OrganizationId = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9_-]{0,63}$/, {
    message: "an organization is named by 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or a digit"
  })
).pipe(Schema.brand("OrganizationId"))

export type OrganizationId = typeof OrganizationId.Type
