/**
 * What may leave the process beside the data itself: in a log line, in a span, to whoever collects them.
 *
 * The one gate before every logger and every exporter of `rollcall serve`. Text that Rollcall wrote passes. Of an error
 * that Rollcall did not write only its name and place do, for its words may hold a value of somebody's; of an object
 * nothing does.
 */
import { SourceError } from "@rollcall/core/contract/Source"
import { Array, Cause, Exit, Logger, Predicate, Schema } from "effect"

import { type Failure, failureOf } from "../Failure.ts"

/** Name, code and place of an error, without its words. */
export const faultOf = (error: unknown): string => {
  if (!Predicate.isError(error)) return "a defect that is no Error"
  const code = Predicate.hasProperty(error, "code") && Predicate.isString(error.code) ? ` ${error.code}` : ""
  const trace = (error.stack ?? "").replace(error.message, "")
  const frames = trace.split("\n").filter((line) => /^\s+at /u.test(line))
  return [`${error.name}${code}`, ...frames.slice(0, 10)].join("\n")
}

/**
 * Why something failed, and what to do about it, for whoever may read it. Against a setting that does not fit its file a
 * source advises with the file's own first line, and in a file without a header that is a person: `check` shows it to
 * whoever sits at the terminal.
 */
export const tellable = (cause: Cause.Cause<unknown>): Failure => {
  const failure = failureOf(cause)
  const error = Cause.squash(cause)
  if (Schema.is(SourceError)(error) && error.reason._tag === "ConfigInvalid") {
    return { ...failure, remedy: "`rollcall check` says what would fit." }
  }
  return failure.kind === "Fault" ? { ...failure, problem: `Rollcall itself failed: ${faultOf(error)}` } : failure
}

/** The same in one piece. */
export const wordsOf = (cause: Cause.Cause<unknown>): string => {
  const { place, problem, remedy } = tellable(cause)
  return `${place === undefined ? "" : `${place}: `}${problem} ${remedy}`.trim()
}

export const discreetMessage = (message: unknown): string => Array.ensure(message).map(partOf).join(" ")

const partOf = (part: unknown): string => {
  if (Predicate.isString(part)) return part
  if (Predicate.isNumber(part) || Predicate.isBoolean(part)) return String(part)
  if (Predicate.isError(part)) return wordsOf(Cause.fail(part))
  return "(an object)"
}

/** An error that says `words` and nothing else, its stack included. */
const errorOf = (words: string): Error => Object.assign(new Error(words), { name: "Failure", stack: words })

export const discreetCause = (cause: Cause.Cause<unknown>): Cause.Cause<unknown> =>
  cause.reasons.length === 0 || Cause.hasInterruptsOnly(cause) ? cause : Cause.fail(errorOf(wordsOf(cause)))

export const discreetExit = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> =>
  Exit.isSuccess(exit) ? Exit.void : Exit.failCause(discreetCause(exit.cause))

/** Hears what may leave, and nothing else. */
export const discreetLogger = (logger: Logger.Logger<unknown, unknown>): Logger.Logger<unknown, unknown> =>
  Logger.make((line) =>
    logger.log({ ...line, message: discreetMessage(line.message), cause: discreetCause(line.cause) })
  )
