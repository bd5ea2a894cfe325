import { usageError } from '../usage-error.ts'

/** An endpoint with OpenAI's chat completions API, and a model that it serves. */
export interface EndpointOptions {
  readonly baseURL: string
  readonly model: string
  readonly apiKey?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Parses the values of `--header`, each as `Name: value`. Throws a usage error that does not repeat the value. */
export function parseHeaders(texts: readonly string[]): Readonly<Record<string, string>> {
  const headers = texts.map((text): readonly [string, string] => {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff\t]+)$/.exec(text) ?? []
    if (name !== undefined && value !== undefined) return [name, value.trim()]
    throw usageError("--header takes a name and a value, as --header 'X-Title: my room'.")
  })
  return Object.fromEntries(headers)
}

/** Validates `--base-url`, `--model` and `--api-key-env`. Throws a usage error that names the wrong one. */
export function parseEndpoint(
  baseURL: string | undefined,
  model: string | undefined,
  keyName: string | undefined,
): EndpointOptions {
  if (model === undefined || model.trim() === '') throw usageError('You need a model, as in: --model llama3.2')
  if (baseURL === undefined || !/^https?:$/.test(URL.canParse(baseURL) ? new URL(baseURL).protocol : ''))
    throw usageError('--base-url is the address of an endpoint, as http://127.0.0.1:11434/v1.')
  const apiKey = keyName === undefined ? undefined : process.env[keyName]
  if (keyName !== undefined && !apiKey)
    throw usageError(`The environment variable ${keyName} is not set: set it to the API key, or omit --api-key-env.`)
  return { baseURL, model, ...(apiKey && { apiKey }) }
}
