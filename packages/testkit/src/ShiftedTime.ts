/**
 * Months in minutes: a clock for this process and a PostgreSQL that run at the same pace and can be moved on together.
 *
 * Nobody waits: whoever sleeps lets both jump to the end of the sleep. Longer sleeps than `longestMillis` are timeouts of
 * things that answer, and do not pass at all. The database's `clock_timestamp()` is one of our own, found before the real
 * one by the connections of `url`; whatever is asked of real time elsewhere (a stand-in of Together) does not jump.
 */
import { Clock, Duration, Effect, Layer, type Scope } from "effect"
import { Client } from "pg"

export interface ShiftedTime {
  /** Of the same database, seen by the shifted clock. */
  readonly url: string
  /** The clock of whatever is run with it. */
  readonly layer: Layer.Layer<never>
  /** Moves both on to an instant, in milliseconds since 1970; never back. */
  readonly moveTo: (millis: number) => Effect.Effect<void>
}

const longestMillis = 300_000

const shiftedClock = `
  create schema shifted;
  create table shifted.clock (ahead double precision not null);
  insert into shifted.clock values (0);
  create function shifted.clock_timestamp() returns timestamptz language sql volatile as
    'select pg_catalog.clock_timestamp() + ahead * interval ''1 millisecond'' from shifted.clock'`

/** Times begin at `from` (milliseconds since 1970), before or after now. It is for live tests: the clock below it is the real one. `url` is a database of its own, whose user may make a schema. */
export const shiftedTime = Effect.fnUntraced(function* (
  url: string,
  from: number
): Effect.fn.Return<ShiftedTime, never, Scope.Scope> {
  const real = yield* Clock.Clock
  const client = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const client = new Client({ connectionString: url })
      await client.connect()
      await client.query(shiftedClock)
      return client
    }),
    (client) => Effect.promise(() => client.end())
  )
  let ahead = from - real.currentTimeMillisUnsafe()
  const shift = (millis: number) =>
    Effect.promise(async () => {
      ahead += Math.max(0, millis)
      await client.query("update shifted.clock set ahead = $1", [ahead])
    })
  const millis = () => real.currentTimeMillisUnsafe() + ahead
  const nanos = () => BigInt(Math.round(ahead * 1e6))
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe() + nanos(),
    currentTimeNanos: Effect.sync(() => real.currentTimeNanosUnsafe() + nanos()),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe() + nanos(),
    monotonicTimeNanos: Effect.sync(() => real.monotonicTimeNanosUnsafe() + nanos()),
    sleep: (duration) => {
      const asked = Duration.toMillis(duration)
      if (asked > longestMillis) return Effect.never
      return asked <= 0 ? Effect.yieldNow : shift(asked)
    }
  }
  const moveTo = (to: number) => Effect.suspend(() => shift(to - millis()))
  yield* shift(0)
  const shifted = new URL(url)
  shifted.searchParams.set("options", "-c search_path=public,shifted,pg_catalog")
  return { url: shifted.href, layer: Layer.succeed(Clock.Clock, clock), moveTo }
})
