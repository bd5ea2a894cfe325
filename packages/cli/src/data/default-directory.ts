/** Data directory of a server that was started without `--data`. */
export const defaultDirectory = '.midsentence'
