// How the desk looks. Words on tinted grounds are darker (or lighter) than Mantine's own, for contrast (WCAG AA).
import { createTheme, defaultVariantColorsResolver, type MantineThemeOverride, parseThemeColor } from '@mantine/core'
import { say, type Language } from './words'

export function themeOf(language: Language): MantineThemeOverride {
  return createTheme({
    primaryColor: 'teal',
    primaryShade: 9,
    defaultRadius: 'md',
    fontFamily:
      "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif",
    headings: { fontWeight: '650' },
    cursorType: 'pointer',
    respectReducedMotion: true,
    variantColorResolver: (input) => {
      const resolved = defaultVariantColorsResolver(input)
      const { color } = parseThemeColor({ color: input.color ?? 'teal', theme: input.theme })
      if (input.variant === 'filled' && color === 'teal') {
        return { ...resolved, hover: `color-mix(in srgb, ${resolved.background}, black 12%)` } // Mantine's is paler
      }
      if (input.variant !== 'light') return resolved
      const [dark, light] = [`var(--mantine-color-${color}-9)`, `var(--mantine-color-${color}-1)`]
      return { ...resolved, color: `light-dark(color-mix(in srgb, ${dark}, black 40%), ${light})` }
    },
    components: {
      Modal: {
        defaultProps: {
          closeButtonProps: { 'aria-label': say(language, 'close') },
          // Its header is a banner to nobody: the page has one.
          attributes: { header: { role: 'presentation' } },
        },
      },
    },
  })
}
