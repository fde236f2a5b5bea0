import sharp from 'sharp';

// One picture at a time per worker process: parallelism comes from processes, and a cache would
// keep other people's pictures in memory.
sharp.cache(false);
sharp.concurrency(1);

// libvips picks a loader by content, so every loader that is not needed is closed: no SVG, PDF or
// foreign-library loader can be reached by bytes that slip past the sniffer.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadTiffBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
});

/** The image codec, confined. The only import of sharp. */
export { sharp };
