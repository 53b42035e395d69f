import { Button } from '@mantine/core'
import { CircleCheck, CircleX, LoaderCircle } from 'lucide-react'
import { useEffect } from 'react'
import type { EngineReport } from '../../core/job'
import { requestEngines } from '../commands'
import { useStore } from '../store'

const about: Readonly<Record<EngineReport['name'], readonly [name: string, what: string]>> = {
  tensorflow: [
    'TensorFlow',
    'Native: NVIDIA GPUs through CUDA, and any x86-64 or arm64 CPU. The fastest, and the only one that replays ' +
      'a captured step.',
  ],
  wasm: ['WebAssembly', 'Runs anywhere with nothing to install; slower.'],
  cpu: ['Plain JavaScript', 'The last resort: for tests and very small networks.'],
}

/** Which engines work here, why the others do not, and how to get them. */
export function Compute() {
  const engines = useStore((state) => state.engines)
  const versions = useStore((state) => state.app?.versions ?? {})
  const version = useStore((state) => state.app?.version ?? '')
  useEffect(() => {
    if (useStore.getState().engines === null) void requestEngines()
  }, [])
  const chosen = engines?.find(({ works }) => works)
  return (
    <div className="scroll">
      <div className="prose selectable">
        <div style={{ display: 'flex', alignItems: 'center', gap: 12 }}>
          <h2 style={{ flex: 1 }}>Engines</h2>
          <Button variant="default" disabled={engines === null} onClick={() => void requestEngines()}>
            Look again
          </Button>
        </div>
        <p className="quiet" style={{ margin: '0 0 12px', minHeight: 18 }}>
          {engines === null
            ? 'Each engine is started once to see whether it works…'
            : chosen === undefined
              ? 'No engine works on this machine: runs cannot be started, everything else can.'
              : `“auto” takes ${about[chosen.name][0]}, the first that works.`}
        </p>
        {(engines ?? placeholders).map((report) => (
          <EngineCard key={report.name} report={report} probing={engines === null} />
        ))}
        <h2>Versions</h2>
        <dl className="versions number">
          <dt>Batchlab</dt>
          <dd>{version}</dd>
          {Object.entries(versions).map(([name, value]) => (
            <Pair key={name} name={name} value={value} />
          ))}
        </dl>
      </div>
    </div>
  )
}

const placeholders: readonly EngineReport[] = (['tensorflow', 'wasm', 'cpu'] as const).map((name) => ({
  name,
  works: false,
  device: '',
  versions: {},
  reason: '',
}))

const Pair = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
)

function EngineCard({ report, probing }: { readonly report: EngineReport; readonly probing: boolean }) {
  const [name, what] = about[report.name]
  const Icon = probing ? LoaderCircle : report.works ? CircleCheck : CircleX
  return (
    <section className="card" aria-label={name}>
      <Icon size={16} aria-hidden color={probing ? 'var(--ink-3)' : report.works ? 'var(--good)' : 'var(--bad)'} />
      <h3>
        {name}{' '}
        <span className="quiet" style={{ fontWeight: 400 }}>
          {probing ? 'looking…' : report.works ? `works · ${report.device}` : 'does not work here'}
        </span>
      </h3>
      <p className="quiet">{what}</p>
      {report.reason !== '' && <p>{report.reason}</p>}
      {Object.keys(report.versions).length > 0 && (
        <p className="quiet tiny">
          {Object.entries(report.versions)
            .map(([library, version]) => `${library} ${version}`)
            .join(' · ')}
        </p>
      )}
    </section>
  )
}
