/** All the letters in order, so that `gtk` finds Go to Tickets. */
export function matches(label: string, text: string): boolean {
  let from = 0
  const low = label.toLowerCase()
  for (const letter of text.trim().toLowerCase().replace(/\s+/g, '')) {
    from = low.indexOf(letter, from) + 1
    if (from === 0) return false
  }
  return true
}
