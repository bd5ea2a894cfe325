import { joinInstructions } from '@midsentence/core/rpc-client'
import { useRef, useState } from 'preact/hooks'
import { requiresCredential, serverAddress } from '../shared/server-address.ts'

interface Recipe {
  readonly title: string
  readonly hint: string
  readonly text: string
}

/** How to take part from elsewhere: each recipe ready to copy. */
export function Recipes() {
  const [room, setRoom] = useState('demo')
  const [selected, setSelected] = useState(0)
  const tabs = useRef<(HTMLButtonElement | null)[]>([])
  const needsCredential = requiresCredential()
  const { terminal, code, curl, mcp } = joinInstructions(serverAddress(), room || 'demo', needsCredential)
  const recipes: readonly Recipe[] = [
    {
      title: 'Model (MCP)',
      hint: 'Add this to the settings of your MCP host, with the path of your clone.',
      text: mcp,
    },
    {
      title: 'Terminal',
      hint: 'Run this in the top folder of a clone, after npm start ran there once.',
      text: terminal,
    },
    { title: 'JavaScript', hint: 'Run this in the top folder of a clone, after npm start ran there once.', text: code },
    { title: 'curl', hint: 'Run this anywhere. Other languages send the same requests.', text: curl },
  ]
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const next = (selected + step + recipes.length) % recipes.length
    setSelected(next)
    tabs.current[next]?.focus()
  }
  const { hint, text } = recipes[selected]!
  return (
    <section aria-labelledby="recipes-heading" class="recipes">
      <h2 id="recipes-heading">Bring a model or a program</h2>
      <div class="card">
        <div class="recipe-bar">
          <div role="tablist" aria-labelledby="recipes-heading">
            {recipes.map(({ title }, at) => (
              <button
                key={title}
                type="button"
                role="tab"
                id={`recipe-${at}`}
                aria-selected={at === selected}
                aria-controls="recipe"
                tabIndex={at === selected ? 0 : -1}
                ref={element => {
                  tabs.current[at] = element
                }}
                onClick={() => setSelected(at)}
                onKeyDown={move}
              >
                {title}
              </button>
            ))}
          </div>
          <label class="recipe-room">
            for room
            <input
              value={room}
              spellcheck={false}
              autocapitalize="off"
              onInput={event => setRoom(event.currentTarget.value.replace(/\p{Cc}/gu, ''))}
            />
          </label>
        </div>
        <div role="tabpanel" id="recipe" aria-labelledby={`recipe-${selected}`}>
          <p>
            {hint}
            {needsCredential &&
              (text === mcp
                ? ' Replace the credential too.'
                : ' First put the password into the environment variable MIDSENTENCE_CREDENTIAL.')}
          </p>
          <pre class="code">{text}</pre>
          <CopyButton text={text} key={text} />
        </div>
      </div>
      <Paths />
    </section>
  )
}

function CopyButton({ text }: { readonly text: string }) {
  const [state, setState] = useState('Copy')
  // Missing in pages that did not come over HTTPS or from this machine.
  if (!navigator.clipboard) return null
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState('Copied'),
      () => setState('The browser did not allow it: select the text instead'),
    )
  return (
    <button type="button" onClick={copy}>
      {state}
    </button>
  )
}

function Paths() {
  const url = serverAddress()
  return (
    <details class="paths">
      <summary>Paths of this server</summary>
      <dl>
        <dt>POST {url}/rpc</dt>
        <dd>Every action, as JSON-RPC 2.0. The method rpc.discover describes them.</dd>
        <dt>GET {url}/rooms/ROOM/events</dt>
        <dd>The messages of a room as server-sent events. A client that reconnects misses none.</dd>
        <dt>{url.replace(/^http/, 'ws')}/ws</dt>
        <dd>The same actions and messages over one WebSocket.</dd>
        <dt>GET {url}/healthz</dt>
        <dd>The health of this server.</dd>
      </dl>
    </details>
  )
}
