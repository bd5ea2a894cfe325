import { printable } from '@midsentence/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { isMarkdown } from './is-markdown.ts'

type RenderMarkdown = (text: string) => DocumentFragment

let loading: Promise<RenderMarkdown> | undefined
let loaded: RenderMarkdown | undefined

/** Loads the renderer once, when the first message needs it. */
const load = (): Promise<RenderMarkdown> => {
  loading ??= import('./render-markdown.ts').then(module => {
    loaded = module.renderMarkdown
    return loaded
  })
  return loading
}

/** Shows a text of a participant: as Markdown, or as it is while the renderer loads and for `raw`. */
export function RichText({ text, raw }: { readonly text: string; readonly raw: boolean }) {
  const shown = printable(text)
  const isRich = !raw && isMarkdown(shown)
  const host = useRef<HTMLDivElement>(null)
  const [render, setRender] = useState<RenderMarkdown | undefined>(() => loaded)
  useEffect(() => {
    if (!isRich || render) return
    let isMounted = true
    load().then(
      found => isMounted && setRender(() => found),
      // Without the renderer the text stays as it is.
      () => {
        loading = undefined
      },
    )
    return () => {
      isMounted = false
    }
  }, [isRich, render])
  useEffect(() => {
    if (isRich && render) host.current?.replaceChildren(render(shown))
  }, [isRich, render, shown])
  if (isRich && render) return <div class="rich" dir="auto" ref={host} key="rich" />
  return (
    <div class="plain" dir="auto" key="plain">
      {shown}
    </div>
  )
}
