// What the browser remembers of the person who calls; nothing where storage is switched off.

const PREFIX = 'phone:'
export type Kept = 'language' | 'aloud' | 'own'

export function kept(name: Kept): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? ''
  } catch {
    return ''
  }
}

export function keep(name: Kept, value: string): void {
  try {
    if (value) localStorage.setItem(PREFIX + name, value)
    else localStorage.removeItem(PREFIX + name)
  } catch {
    // full, or switched off
  }
}
