import { NeedsRecogniser } from '../../faces/needs-model.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Identify } from './identify.tsx';
import { Swap } from './swap.tsx';
import { Verify } from './verify.tsx';

/** Faces of photos: compared, found among people one knows, exchanged. Nothing that is sent here is kept. */
export function Page() {
  return (
    <>
      <PageHead
        title="Faces"
        lead="Compare, identify and swap faces. Photos that you choose here are not kept."
      />
      <Tabs
        label="Faces"
        addressKey="tab"
        tabs={[
          {
            title: 'Verify',
            content: (
              <NeedsRecogniser>
                <Verify />
              </NeedsRecogniser>
            ),
          },
          {
            title: 'Identify',
            content: (
              <NeedsRecogniser>
                <Identify />
              </NeedsRecogniser>
            ),
          },
          { title: 'Swap', content: <Swap /> },
        ]}
      />
    </>
  );
}
