/**
 * How much of the time in which somebody waited to be sent the lane was in use.
 *
 * Pure but for its own memory: told what happened and when, in milliseconds of one monotonic clock. In use is a lane from
 * the start of a request until the next may start (answer, then the vendor's second or a backoff). A lane that is always
 * in use sends as fast as the vendor allows; what is missing to the whole is time that Rollcall itself lost.
 */
const windowMillis = 600_000
const sampleMillis = 5_000

interface Sample {
  readonly at: number
  readonly busyMillis: number
  readonly waitingMillis: number
}

export class LaneTime {
  #now: number
  #busyUntil = -Infinity
  #isWaiting = false
  #busyMillis = 0
  #waitingMillis = 0
  #samples: Array<Sample> = []

  constructor(at: number) {
    this.#now = at
    this.#samples.push(this.totals(at))
  }

  /** Whether somebody waits to be sent, from now on. */
  waiting(at: number, isWaiting: boolean): void {
    this.#advance(at)
    this.#isWaiting = isWaiting
  }

  /** A request was granted, or has ended and the next may start at `until`. */
  busy(at: number, until = Infinity): void {
    this.#advance(at)
    this.#busyUntil = until
  }

  /** Since the beginning. `busyMillis` counts only while somebody waited. */
  totals(at: number): Sample {
    this.#advance(at)
    return { at, busyMillis: this.#busyMillis, waitingMillis: this.#waitingMillis }
  }

  /** The share of the last ten minutes' waiting; undefined: nobody waited. */
  utilization(at: number): number | undefined {
    const { busyMillis, waitingMillis } = this.totals(at)
    const from = this.#samples[0]
    const waited = waitingMillis - (from?.waitingMillis ?? 0)
    return waited > 0 ? (busyMillis - (from?.busyMillis ?? 0)) / waited : undefined
  }

  #advance(at: number): void {
    const to = Math.max(at, this.#now)
    if (this.#isWaiting) {
      this.#waitingMillis += to - this.#now
      this.#busyMillis += Math.max(0, Math.min(to, this.#busyUntil) - this.#now)
    }
    this.#now = to
    const last = this.#samples.at(-1)
    if (last === undefined || to - last.at < sampleMillis) return
    this.#samples.push({ at: to, busyMillis: this.#busyMillis, waitingMillis: this.#waitingMillis })
    const first = this.#samples.findLastIndex((sample) => to - sample.at >= windowMillis)
    if (first > 0) this.#samples = this.#samples.slice(first)
  }
}
