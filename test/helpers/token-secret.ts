/** Prints the token secret of the data folder that is named by the first argument. */
import { loadConfig } from '#src/config.js'

process.stdout.write(loadConfig({ DATA_DIR: process.argv[2] }).tokenSecret)
