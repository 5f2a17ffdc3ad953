import { Database } from "../src/Database.ts"
import { directoryContract } from "./DirectoryContract.ts"
import { postgres } from "./OnPostgres.ts"

directoryContract("Directory on PGlite", Database.layerPGliteMemory)
directoryContract("Directory on PostgreSQL", postgres("directory"))
