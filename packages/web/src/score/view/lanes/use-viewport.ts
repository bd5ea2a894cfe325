import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** What is visible of a scrolling element, in units of a sixteenth of the root font size. */
export interface VisiblePart {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Scrolling renders again only after this many units. */
const GRAIN = 128

const rootUnit = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16

/** Pixels per unit. */
export const unitSize = (): number => rootUnit() || 1

/** Follows the visible part of an element, widened so that short scrolls stay inside it. */
export function useViewport(element: RefObject<HTMLElement | null>): VisiblePart & { readonly screen: VisiblePart } {
  const [part, setPart] = useState<VisiblePart>({ left: 0, top: 0, width: 0, height: 0 })
  useLayoutEffect(() => {
    const target = element.current!
    const read = () => {
      const unit = unitSize()
      const left = Math.floor(target.scrollLeft / unit / GRAIN) * GRAIN
      const top = Math.floor(target.scrollTop / unit / GRAIN) * GRAIN
      const [width, height] = [target.clientWidth / unit, target.clientHeight / unit]
      setPart(last =>
        last.left === left && last.top === top && last.width === width && last.height === height
          ? last
          : { left, top, width, height },
      )
    }
    read()
    const observer = new ResizeObserver(read)
    observer.observe(target)
    target.addEventListener('scroll', read, { passive: true })
    return () => {
      observer.disconnect()
      target.removeEventListener('scroll', read)
    }
  }, [element])
  const widened = {
    left: Math.max(0, part.left - GRAIN),
    top: Math.max(0, part.top - GRAIN),
    width: part.width + 3 * GRAIN,
    height: part.height + 3 * GRAIN,
  }
  return { ...widened, screen: part }
}
