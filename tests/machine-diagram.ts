import { participantMachine } from '@midsentence/core'

interface Node {
  readonly key: string
  readonly path: readonly string[]
  readonly type: string
  readonly initial?: { readonly target: readonly Node[] }
  readonly states: Readonly<Record<string, Node>>
  readonly transitions: ReadonlyMap<string, readonly Transition[]>
  readonly always?: readonly Transition[]
  readonly invoke: readonly { readonly src: string }[]
}

interface Transition {
  readonly eventType: string
  readonly target?: readonly Node[]
  readonly guard?: unknown
  readonly actions: readonly unknown[]
}

const idOf = (node: Node) => node.path.join('_')
const leaf = (node: Node) => Object.keys(node.states).length === 0
const named = (value: unknown) =>
  typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : String(value)

const eventName = (type: string) =>
  type
    .replace(/^xstate\.done\.actor\..*/, 'publish resolved')
    .replace(/^xstate\.error\.actor\..*/, 'publish rejected')
    .replace(/^xstate\.after\.(\d+)\..*/, 'after $1 ms')

function label({ eventType, guard }: Transition): string {
  const when = guard === undefined ? '' : ` [${named(guard)}]`
  return `${eventType === '' ? '' : eventName(eventType)}${when}`.trim()
}

function* arrows(node: Node): Generator<string> {
  const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])]
  for (const transition of transitions) {
    for (const target of transition.target ?? []) yield `${idOf(node)} --> ${idOf(target)}: ${label(transition)}`
  }
  for (const child of Object.values(node.states)) yield* arrows(child)
}

function* boxes(node: Node, depth: number): Generator<string> {
  const pad = '  '.repeat(depth)
  if (leaf(node)) yield `${pad}state "${node.key}" as ${idOf(node)}`
  else {
    yield `${pad}state "${node.key}" as ${idOf(node)} {`
    if (node.initial) yield `${pad}  [*] --> ${idOf(node.initial.target[0]!)}`
    for (const child of Object.values(node.states)) yield* boxes(child, depth + 1)
    yield `${pad}}`
  }
}

/** Lists the transitions without a target, as rows of a table. */
function* stays(node: Node): Generator<string> {
  for (const transition of [...node.transitions.values()].flat()) {
    if (transition.target) continue
    yield `| ${node.path.join('.') || 'any'} | \`${transition.eventType}\` | ${transition.actions.map(named).join(', ')} |`
  }
  for (const child of Object.values(node.states)) yield* stays(child)
}

/** Describes the machine as a Mermaid state diagram and a table. */
export function machineDiagram(): string {
  const root = participantMachine.root as unknown as Node
  const regions = Object.values(root.states)
  const drawn = regions.flatMap(region => [...boxes(region, 1), ...[...arrows(region)].map(line => `  ${line}`)])
  return `# State chart of a participant

Generated from \`packages/core/src/machine/machine.ts\`; a test fails if this page differs. To update it, run
\`npm test -- -u\`. Three regions run in parallel: the draft, whether a check waits, and the link.

\`\`\`mermaid
stateDiagram-v2
${drawn.join('\n')}
\`\`\`

Events that leave the state unchanged, and the actions they run:

| state | event | actions |
| --- | --- | --- |
${[...stays(root)].join('\n')}

The answers and facts of every event in every state are in
\`packages/core/src/machine/__snapshots__/every-event.test.ts.snap\`.
`
}
