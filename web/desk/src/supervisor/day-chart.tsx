// The day in quarters of an hour: what came into line, and what of it was answered or left. Drawn here, no library.
import { Group, Text, Title } from '@mantine/core'
import type { Schemas } from '../api/client'
import { useDates } from '../parts/bits'
import { useWords } from '../words'

const [WIDTH, HEIGHT, FOOT, STEPS] = [480, 150, 18, 96]

export function DayChart({ steps, day }: { steps: Schemas['BoardStep'][]; day: string }) {
  const t = useWords()
  const dates = useDates()
  const most = Math.max(4, ...steps.map((step) => step.offered))
  const wide = WIDTH / STEPS
  const x = (at: string) => ((Date.parse(at) - Date.parse(day)) / 86_400_000) * WIDTH
  const high = (count: number) => (count * HEIGHT) / most
  const sum = (name: 'offered' | 'answered' | 'abandoned') => steps.reduce((all, step) => all + step[name], 0)
  const told = `${t('came_today')} ${sum('offered')}, ${t('answered')} ${sum('answered')}, ${t('left_waiting')} ${sum('abandoned')}`
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          {t('the_day')}
        </Title>
        <Group gap="md">
          <Text size="sm">
            <span className="swatch now" /> {t('answered')} <b>{sum('answered')}</b>
          </Text>
          <Text size="sm">
            <span className="swatch gone" /> {t('left_waiting')} <b>{sum('abandoned')}</b>
          </Text>
          <Text size="sm">
            <span className="swatch before" /> {t('others')}
          </Text>
        </Group>
      </Group>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`} className="chart" role="img" aria-label={told}>
        {steps.map((step) => (
          <g key={step.at} transform={`translate(${x(step.at)} 0)`}>
            <title>{`${dates.time(step.at)}${t('colon')}${step.offered}`}</title>
            <rect width={wide - 0.6} y={HEIGHT - high(step.offered)} height={high(step.offered)} className="before" />
            <rect width={wide - 0.6} y={HEIGHT - high(step.answered)} height={high(step.answered)} className="now" />
            <rect
              width={wide - 0.6}
              y={HEIGHT - high(step.answered + step.abandoned)}
              height={high(step.abandoned)}
              className="gone"
            />
          </g>
        ))}
        <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis" />
        {[0, 6, 12, 18].map((hour) => (
          <text key={hour} x={(hour * WIDTH) / 24} y={HEIGHT + FOOT - 4}>
            {String(hour).padStart(2, '0')}:00
          </text>
        ))}
        <text x={WIDTH} y={11} textAnchor="end">
          {most}
        </text>
      </svg>
    </>
  )
}
