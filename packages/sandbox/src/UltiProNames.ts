/**
 * The words that made-up people are made of: names of many alphabets with their plain spelling for e-mail addresses, streets,
 * towns. No real person is meant.
 * Called by UltiProPopulation and UltiProHappenings. Values only.
 */

/** How a name is written, and how the same name looks in an e-mail address. */
export interface Spelled {
  readonly written: string
  readonly plain: string
}

export interface Town {
  readonly city: string
  readonly state: string | null
  readonly zip: string
  readonly country: string
}

/** "written" or "written=plain". */
const spelled = (text: string): ReadonlyArray<Spelled> =>
  text.split(" ").map((word) => {
    const [written = "", plain = written.toLowerCase()] = word.split("=")
    return { written: written.replaceAll("_", " "), plain }
  })

export const firstNames = spelled(
  "Anna Gary Maria James Olivia Noah Priya Wei Fatima Chidi Emma Lucas Grace Omar Hannah Ivan Lena Mateo Yuki Tom " +
    "José=jose Zoë=zoe Søren=soren Łukasz=lukasz François=francois Björn=bjorn Anaïs=anais Ngọc=ngoc Şebnem=sebnem " +
    "Ольга=olga 美玲=meiling Ἑλένη=eleni Mary_Jo=maryjo Jean-Luc=jeanluc"
)

export const lastNames = spelled(
  "Smith Jones Brown Patel Kim Chen Garcia Silva Novak Rossi Fischer Hansen Okafor Haddad Walker Young Reed Hill Stone " +
    "O'Brien=obrien D’Angelo=dangelo van_der_Berg=vanderberg Müller=mueller Ñandú=nandu Çelik=celik Wiśniewska=wisniewska " +
    "Lindström=lindstrom Sørensen=soerensen Дюма=dyuma 王=wang Nguyễn=nguyen Smith-Jones=smithjones Ó_Súilleabháin=osuilleabhain"
)

export const middleNames = ["Lee", "Ann", "Q.", "María", "J", "Elizabeth"]

export const preferredNames = ["Sam", "Alex", "Max", "Zoé", "Kit", "Bo"]

export const streets = ["Maple Street", "Main Road", "Rue des Érables", "High Street", "Lindenweg", "Ocean Avenue"]

export const towns: ReadonlyArray<Town> = [
  { city: "Toronto", state: "ON", zip: "M5V 2T6", country: "CAN" },
  { city: "Montréal", state: "QC", zip: "H2Y 1C6", country: "CAN" },
  { city: "Austin", state: "TX", zip: "78701", country: "USA" },
  { city: "Boston", state: "MA", zip: "02108", country: "USA" },
  { city: "Weston", state: "FL", zip: "33326", country: "USA" },
  { city: "Leeds", state: null, zip: "LS1 4AP", country: "GBR" },
  { city: "Köln", state: null, zip: "50667", country: "DEU" }
]
