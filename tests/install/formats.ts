import * as z from 'zod'

// The fields of the formats, as their specifications state them. The specifications are not copied into this repository.

const text = z.string().min(1)

const registryInput = {
  description: text.optional(),
  default: text.optional(),
  value: text.optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
}

/** `server.json` of the MCP registry, schema of 2025-12-11, for a server that npm has. */
export const registryFormat = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: text.max(100),
  description: text.max(100),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  packages: z.array(
    z.strictObject({
      registryType: z.literal('npm'),
      identifier: text,
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      runtimeHint: z.literal('npx'),
      transport: z.strictObject({ type: z.literal('stdio') }),
      packageArguments: z.array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('positional'), ...registryInput, value: text }),
          z.strictObject({ type: z.literal('named'), name: text, ...registryInput }),
        ]),
      ),
      environmentVariables: z.array(z.strictObject({ name: text, ...registryInput })),
    }),
  ),
})

/** `plugin.json` of Agent Plugins 1.0.0. */
export const pluginFormat = z.strictObject({
  $schema: z.literal('https://agent-plugins.org/schemas/1.0.0/plugin.schema.json'),
  name: z
    .string()
    .max(64)
    .regex(/^(?!.*(?:--|\.\.))[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/),
  version: text,
  description: text,
  author: z.strictObject({ name: text, email: text.optional(), url: text.optional() }),
  license: text,
  keywords: z.array(text),
})

/** `mcp.json` of Agent Plugins 1.0.0, with servers over stdio. The command is one word, found in PATH or in the plugin. */
export const pluginServersFormat = z.strictObject({
  $schema: z.literal('https://agent-plugins.org/schemas/1.0.0/mcp.schema.json'),
  mcpServers: z.record(
    text,
    z.strictObject({
      type: z.literal('stdio'),
      command: z.string().regex(/^(\.\/)?[\w.-]+$/),
      args: z.array(z.string()),
    }),
  ),
})

/** The fields before the text of a skill, in the format of Agent Skills. */
export const skillFormat = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  description: text.max(1024),
  license: text,
  compatibility: text.max(500),
})
