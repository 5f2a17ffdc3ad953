/**
 * When each source is read: five fields of cron, in the organization's time zone.
 *
 * Checked with the configuration, so that a schedule that nobody can read is told before anything runs.
 */
import { Cron } from "effect"

import type { Organization } from "../ConfigurationFile.ts"

/** Every hour: a file or a tenant that did not change costs a reading and no event. */
export const defaultSchedule = "0 * * * *"

/** The configuration was checked: what it says can be read. */
export const scheduleOf = (
  { settings }: Organization,
  source: string
): { readonly schedule: Cron.Cron; readonly written: string } => {
  const written = settings.schedules?.[source] ?? defaultSchedule
  return { schedule: Cron.parseUnsafe(written, settings.timezone ?? "UTC"), written }
}
