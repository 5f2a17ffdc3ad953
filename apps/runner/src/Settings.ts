/**
 * The settings of a part of the configuration, read from its schema: for the reference that is made of them.
 *
 * Pure. Says what somebody writes, not what becomes of it: a secret is a text there.
 */
import { SchemaAST, type Schema } from "effect"

export interface Setting {
  readonly name: string
  readonly type: string
  readonly required: boolean
  /** Redacted from the moment it is read. */
  readonly secret: boolean
}

export const settingsOf = (schema: Schema.Top): ReadonlyArray<Setting> => {
  if (!SchemaAST.isObjects(schema.ast)) return []
  return schema.ast.propertySignatures.map(({ name, type }) => {
    const written = SchemaAST.toEncoded(type)
    return {
      name: String(name),
      type: typeOf(written),
      required: written.context?.isOptional !== true,
      secret: SchemaAST.isDeclaration(type) && written !== type
    }
  })
}

const typeOf = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "String":
      return "text"
    case "Number":
      return "number"
    case "Boolean":
      return "`true` or `false`"
    case "Literal":
      return `\`${JSON.stringify(ast.literal)}\``
    case "Union":
      return [...new Set(ast.types.map((type) => typeOf(type)))].join(" or ")
    case "Arrays":
      return "list"
    case "Objects":
      return "object"
    case "Declaration":
      return "a source"
    default:
      return "value"
  }
}
