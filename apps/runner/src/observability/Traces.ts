/**
 * Spans, and which trace they belong to.
 *
 * A run of a source is a trace of its own, and the run's UUID without its hyphens is the trace's id: whoever has one of
 * them, in the log or in a tracing tool, has the other, also after a restart and over several processes. `Journey` puts
 * into the same trace what became of each change. A span carries what is listed here and nothing else; what serves a
 * request or keeps a table is no trace at all.
 */
import { type Exit, Option, Tracer } from "effect"

import { discreetExit } from "./Discretion.ts"

/** Where a trace begins. Anything else that has no parent is not exported, and nor is what is beneath it. */
const beginnings: ReadonlySet<string> = new Set(["Source.read", "Sender.pass", "Change.waiting", "Change.sending"])

const listed: ReadonlySet<string> = new Set(["http.request.method", "http.response.status_code"])

const mayLeave = (attribute: string): boolean => attribute.startsWith("rollcall.") || listed.has(attribute)

/** The trace of a run, to be the parent of spans in it. It has no span of its own: the first one is the root. */
export const traceOf = (run: string): Tracer.ExternalSpan =>
  Tracer.externalSpan({ traceId: run.replaceAll("-", ""), spanId: "" })

/** Hands every span on, without what may not leave. */
export const discreetTracer = (tracer: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    span: (options) => {
      const links = options.links.map(({ span }) => ({ span, attributes: {} }))
      const parent = Option.getOrUndefined(options.parent)
      if (beginnings.has(options.name)) {
        const place = parent?._tag === "ExternalSpan" ? options.parent : Option.none()
        return new DiscreetSpan(tracer.span({ ...options, links, parent: place, sampled: true }))
      }
      const within = parent instanceof DiscreetSpan && options.sampled
      return new DiscreetSpan(tracer.span({ ...options, links, sampled: within }))
    }
  })

class DiscreetSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly #span: Tracer.Span

  constructor(span: Tracer.Span) {
    this.#span = span
  }

  get name() {
    return this.#span.name
  }
  get spanId() {
    return this.#span.spanId
  }
  get traceId() {
    return this.#span.traceId
  }
  get parent() {
    return this.#span.parent
  }
  get annotations() {
    return this.#span.annotations
  }
  get status() {
    return this.#span.status
  }
  get attributes() {
    return this.#span.attributes
  }
  get links() {
    return this.#span.links
  }
  get sampled() {
    return this.#span.sampled
  }
  get kind() {
    return this.#span.kind
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    this.#span.end(endTime, discreetExit(exit))
  }

  attribute(key: string, value: unknown): void {
    if (mayLeave(key)) this.#span.attribute(key, value)
  }

  /** Log lines, mostly; they go their own way. */
  event(): void {}

  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.#span.addLinks(links.map(({ span }) => ({ span, attributes: {} })))
  }
}
