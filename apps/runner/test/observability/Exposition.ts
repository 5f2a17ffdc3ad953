/**
 * Reads Prometheus' text format (version 0.0.4) by its documentation, apart from whoever writes it, and refuses what the
 * documentation does not allow.
 */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: ReadonlyArray<Sample>
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/u
const labelPart = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/gu

const number = (text: string): number => {
  if (text === "+Inf") return Infinity
  if (text === "-Inf") return -Infinity
  const value = Number(text)
  if (text.trim() === "" || (Number.isNaN(value) && text !== "NaN")) throw new Error(`no number: ${text}`)
  return value
}

const labelsOf = (text: string): Readonly<Record<string, string>> => {
  const labels: Record<string, string> = {}
  let end = 0
  for (const match of text.matchAll(labelPart)) {
    const [whole, name = "", value = ""] = match
    if (match.index !== end) throw new Error(`labels: ${text}`)
    if (name in labels) throw new Error(`twice the label ${name}`)
    end += whole.length
    labels[name] = value.replaceAll(/\\(.)/gu, (_, escaped: string) => (escaped === "n" ? "\n" : escaped))
  }
  if (end !== text.length) throw new Error(`labels: ${text}`)
  return labels
}

/** The name that TYPE gives to what a sample of a histogram or a summary belongs to. */
const familyOf = (name: string, type: string): string =>
  type === "histogram" || type === "summary" ? name.replace(/_(bucket|sum|count)$/u, "") : name

/** Throws where a line is not as it must be, a family stands in two places, or a series is there twice. */
export const parse = (text: string): ReadonlyMap<string, Family> => {
  if (!text.endsWith("\n")) throw new Error("the last line has no end")
  const families = new Map<string, Family & { readonly samples: Array<Sample> }>()
  const seen = new Set<string>()
  let [name, help, type] = ["", "", ""]
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/u.exec(line)
    if (comment !== null) {
      const [, what, of = "", said = ""] = comment
      if (of !== name && families.has(of)) throw new Error(`${of} stands in two places`)
      if (of !== name) [name, help, type] = [of, "", ""]
      if (what === "HELP") help = said
      else type = said
      if (what === "TYPE") families.set(name, { name, type, help, samples: [] })
      continue
    }
    const match = sampleLine.exec(line)
    if (match === null) throw new Error(`no sample: ${line}`)
    const [, of = "", labels = "", value = ""] = match
    if (familyOf(of, type) !== name) throw new Error(`${of} stands in the family ${name}`)
    if (seen.has(`${of}{${labels}}`)) throw new Error(`twice: ${of}{${labels}}`)
    seen.add(`${of}{${labels}}`)
    families.get(name)?.samples.push({ name: of, labels: labelsOf(labels), value: number(value) })
  }
  return families
}

/** The one series that has these labels. */
export const valueOf = (
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {}
): number | undefined =>
  [...families.values()]
    .flatMap(({ samples }) => samples)
    .find(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
    )?.value
