export function bundleCommand(outdir?: string): Promise<void>
export function layOutCommand(folder: string): Promise<string>
