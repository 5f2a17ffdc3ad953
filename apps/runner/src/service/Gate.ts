/**
 * Lets clients of the HTTP server in a few at a time, and nobody while a request to Together is about to go out.
 *
 * One process answers people and keeps the vendor's second: without this, two hundred readers delay a request by a third
 * of a second. A held client waits some twenty milliseconds a second; an answer that takes longer than a second (a stream of
 * progress) gives its place back.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http"

import { Effect } from "effect"

/** Requests worked on at once: enough to keep the database busy, few enough for the lane to find a turn. */
const places = 6

const longest = 1000

export class Gate {
  readonly #busy = new Set<string>()
  readonly #waiting: Array<() => void> = []
  #inside = 0

  /** What the lanes say (`LaneAttention`). */
  readonly attention = {
    begin: (lane: string): Effect.Effect<void> => Effect.sync(() => void this.#busy.add(lane)),
    end: (lane: string): Effect.Effect<void> =>
      Effect.sync(() => {
        this.#busy.delete(lane)
        this.#admit()
      })
  }

  /** Requests that are not let in yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** A server whose requests come through the gate, in the order in which they came. */
  server(): Server {
    const server = createServer()
    const pass = server.emit.bind(server)
    server.emit = (event: string, ...args: Array<unknown>): boolean => {
      if (event !== "request") return pass(event, ...args)
      const [, response] = args as [IncomingMessage, ServerResponse]
      this.#waiting.push(() => {
        // Who went away while waiting takes nobody's place.
        if (response.destroyed) return
        this.#hold(response)
        pass(event, ...args)
      })
      this.#admit()
      return true
    }
    return server
  }

  #admit(): void {
    while (this.#busy.size === 0 && this.#inside < places) {
      const enter = this.#waiting.shift()
      if (enter === undefined) return
      enter()
    }
  }

  #hold(response: ServerResponse): void {
    this.#inside++
    let held = true
    const leave = (): void => {
      if (!held) return
      held = false
      clearTimeout(timer)
      this.#inside--
      // Not from within the answer: the lane's turn comes before the next client's.
      setImmediate(() => this.#admit())
    }
    const timer = setTimeout(leave, longest)
    response.once("close", leave)
    response.once("finish", leave)
  }
}
