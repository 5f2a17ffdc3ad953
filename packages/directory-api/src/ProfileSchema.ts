/**
 * Profiles on the wire: the same members in the body, where null empties one, and in the answer, where the empty are absent.
 *
 * Used by organizations, employees and groups. What HR lists is answered as HR wrote it, so an answer promises less of a
 * text than a body must keep.
 */
import { Predicate, Schema, Struct } from "effect"

/** The members as a body writes them. */
type Members = Readonly<Record<string, Schema.Codec<string, string>>>

export const profileBody = <const M extends Members>(identifier: string, members: M) =>
  Schema.Struct(Struct.map(Struct.map(members, Schema.NullOr), Schema.optionalKey)).annotate({
    identifier,
    description: "Null empties a member."
  })

interface Shown extends Struct.Lambda {
  (member: Schema.Top): Schema.optionalKey<Schema.String>
  readonly "~lambda.out": Schema.optionalKey<Schema.String>
}

const shown = Struct.lambda<Shown>((member) => {
  const description = member.ast.annotations?.["description"]
  return Schema.optionalKey(Schema.String.annotate(Predicate.isString(description) ? { description } : {}))
})

export const profileAnswer = <const M extends Members>(
  identifier: string,
  members: M
): Schema.Struct<{ readonly [member in keyof M]: Schema.optionalKey<Schema.String> }> =>
  Schema.Struct(Struct.map(members, shown)).annotate({ identifier, description: "Members without a value are absent." })

/** The members that have a value. */
export const given = <Member extends string>(members: {
  readonly [member in Member]?: string | null
}): { readonly [member in Member]?: string } =>
  Object.fromEntries(
    Object.entries<string | null | undefined>(members).filter(([, value]) => value !== undefined && value !== null)
  ) as { readonly [member in Member]?: string }
