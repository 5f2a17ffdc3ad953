/**
 * A client of the Directory API with nothing but `fetch`: asks for operations by the names of Seed003, and writes down
 * each answer that was a success. Knows nothing of the server; an answer is wrong when its status is another than the
 * customer's document (or the test) says, when it has content where there is none, or when Prism calls it a violation.
 */
import { assert } from "@effect/vitest"

import { operationNamed } from "./Seed003.ts"

export interface Question {
  readonly token: string
  /** What stands for the parameters of the path. */
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Instead of `body`: text as it is, of this type. */
  readonly raw?: { readonly type: string; readonly text: string }
}

/** One request and its answer, enough to ask and answer the same again. */
export interface Exchange {
  readonly operation: string
  readonly question: Question
  readonly status: number
  readonly type: string | null
  readonly text: string
}

export interface Problem {
  readonly title: string
  readonly status: number
  readonly errors?: ReadonlyArray<{ readonly field: string; readonly problem: string }>
}

export interface Reply extends Exchange {
  readonly link: string | null
  readonly violations: string | null
}

export interface Driver {
  /** As the document says: its status, its body. */
  readonly ask: <A = unknown>(operation: string, question: Question) => Promise<A>
  /** A refusal of this status, as a problem. */
  readonly refused: (operation: string, status: number, question: Question) => Promise<Problem>
  /** The first page of a list and the address of the next. */
  readonly page: <A = unknown>(operation: string, question: Question) => Promise<readonly [A, string | undefined]>
  readonly exchanges: ReadonlyArray<Exchange>
}

/** `gate` is the address at which the API is asked: its own, or that of a judge before it. */
export const makeDriver = (gate: string): Driver => {
  const exchanges: Array<Exchange> = []

  const answered = async (operation: string, question: Question): Promise<Reply> => {
    const { answersNothing, status } = operationNamed(operation)
    const reply = await send(gate, operation, question)
    clean(reply, status)
    if (answersNothing) assert.strictEqual(reply.text, "", `${operation} answers with no content`)
    exchanges.push(reply)
    return reply
  }

  return {
    exchanges,
    ask: async <A>(operation: string, question: Question) => {
      const { text } = await answered(operation, question)
      return (text === "" ? undefined : JSON.parse(text)) as A
    },
    page: async <A>(operation: string, question: Question) => {
      const { text, link } = await answered(operation, question)
      return [JSON.parse(text) as A, /<([^>]+)>; *rel="?next"?/.exec(link ?? "")?.[1]] as const
    },
    refused: async (operation, status, question) => {
      const reply = await send(gate, operation, question)
      clean(reply, status)
      assert.match(reply.type ?? "", /^application\/problem\+json/, operation)
      const problem = JSON.parse(reply.text) as Problem
      assert.strictEqual(problem.status, status, `${operation}: the problem's status is the answer's`)
      return problem
    }
  }
}

const clean = ({ operation, question, status, text, violations }: Reply, expected: number): void => {
  const asked = `${operation} ${JSON.stringify(question.path ?? {})}`
  assert.strictEqual(status, expected, `${asked} answered ${status}: ${text}`)
  assert.isNull(violations, `${asked} against its description: ${violations}`)
}

/** Asks, whatever comes. */
export const send = async (gate: string, operation: string, question: Question): Promise<Reply> => {
  const { method, path } = operationNamed(operation)
  const { token, query = {}, body, raw } = question
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given(question, name)))
  const search = new URLSearchParams(query).toString()
  const content = raw?.text ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await fetch(`${gate}${filled}${search === "" ? "" : `?${search}`}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(content === undefined ? {} : { "content-type": raw?.type ?? "application/json" })
    },
    ...(content === undefined ? {} : { body: content })
  })
  return {
    operation,
    question,
    status: response.status,
    type: response.headers.get("content-type"),
    link: response.headers.get("link"),
    violations: response.headers.get("sl-violations"),
    text: await response.text()
  }
}

const given = ({ path }: Question, name: string): string => {
  const value = path?.[name]
  if (value === undefined) throw new Error(`The question leaves {${name}} open.`)
  return value
}
