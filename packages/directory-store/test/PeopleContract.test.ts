import { Database } from "../src/Database.ts"
import { postgres } from "./OnPostgres.ts"
import { peopleContract } from "./PeopleContract.ts"

peopleContract("employees on PGlite", Database.layerPGliteMemory)
peopleContract("employees on PostgreSQL", postgres("people"))
