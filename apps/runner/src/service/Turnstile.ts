/**
 * Knows whether a request is under way, so that work can be stopped between two requests and never within one.
 *
 * Stands before the lane for the sender alone. A request that is broken off leaves its outcome unknown, which costs the
 * vendor's patience and a repetition; one that is let finish costs its answer time.
 */
import { Lane } from "@rollcall/core/contract/Lane"
import { Effect, Fiber, Latch, Option } from "effect"

/** A request that takes longer to end than this is broken off when the service stops. */
const deadline = "25 seconds"

export class Turnstile {
  /** Open while no request is under way. */
  readonly #free: Latch.Latch

  constructor(free: Latch.Latch) {
    this.#free = free
  }

  /** The lane, as it is to be used by whoever can be stopped here. */
  before(lane: Lane["Service"]): Lane["Service"] {
    return Lane.of({
      ...lane,
      grant: (request) =>
        Effect.tap(lane.grant(request), (reply) => (reply._tag === "Granted" ? this.#free.close : Effect.void)),
      release: (organization, release, append) =>
        Effect.ensuring(lane.release(organization, release, append), this.#free.open)
    })
  }

  /**
   * Does the work, until it is done (some) or until `signal` comes and no request is under way (none). When it is
   * interrupted it lets the request under way end, too, within its deadline.
   */
  readonly until = Effect.fnUntraced(function* <A, E, R, R2>(
    this: Turnstile,
    work: Effect.Effect<A, E, R>,
    signal: Effect.Effect<unknown, never, R2>
  ) {
    const fiber = yield* Effect.forkChild(work)
    const quiet = Effect.andThen(signal, this.#free.await)
    yield* Effect.raceFirst(Fiber.await(fiber), quiet).pipe(
      Effect.onInterrupt(() => Effect.timeoutOption(this.#free.await, deadline))
    )
    const ended = fiber.pollUnsafe()
    if (ended !== undefined) return Option.some(yield* ended)
    yield* Fiber.interrupt(fiber)
    return Option.none<A>()
  })
}

export const makeTurnstile: Effect.Effect<Turnstile> = Effect.map(Latch.make(true), (free) => new Turnstile(free))
