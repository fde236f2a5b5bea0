import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAllowedAddress, isPublicAddress } from '../../src/remote/address.ts';

const publicAddresses = [
  '8.8.8.8',
  '1.1.1.1',
  '93.184.216.34',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.255.255',
  '172.32.0.1',
  '198.17.255.255',
  '198.20.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:800::200e',
  '::ffff:8.8.8.8',
];

const privateAddresses = [
  ['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '127.0.0.1', '127.255.255.254'],
  ['100.64.0.1', '100.127.255.255', '169.254.0.1', '169.254.169.254', '172.16.0.1'],
  ['172.31.255.255', '192.0.0.1', '192.0.0.192', '192.0.2.1', '192.168.0.1', '192.88.99.1'],
  ['198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.1.1.1'],
  ['240.0.0.1', '255.255.255.255', '168.63.129.16', '100.100.100.200', '169.254.170.2'],
  ['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:0:127.0.0.1', '::ffff:a9fe:a9fe'],
  ['fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'fd20:ce::254', 'ff02::1'],
  ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::a00:1', '2002:7f00:1::', '2002:808:808::'],
  ['2001::1', '2001:0:808:808::f7f7:f7f7', '2001:db8::1', '2001:10::1', '3fff::1', '5f00::1'],
  ['100::1', '4000::1', '2606:4700::5efe:a00:1', '2606:4700::200:5efe:c0a8:101'],
].flat();

describe('isPublicAddress', () => {
  for (const address of publicAddresses) {
    it(`lets ${address} through`, () => assert.equal(isPublicAddress(address), true));
  }

  for (const address of privateAddresses) {
    it(`refuses ${address}`, () => assert.equal(isPublicAddress(address), false));
  }

  it('refuses what is not an address in its full form', () => {
    const others = ['', 'localhost', '127.1', '0x7f.0.0.1', '010.8.8.8', '134744072', '8.8.8.8:80'];
    for (const other of others) assert.equal(isPublicAddress(other), false, other);
    assert.equal(isPublicAddress('2606:4700:4700::1111%eth0'), false);
  });
});

describe('isAllowedAddress', () => {
  it('opens exactly the networks it is given', () => {
    const networks = ['127.0.0.2/32', 'fd12::/16'];
    assert.equal(isAllowedAddress('127.0.0.2', networks), true);
    assert.equal(isAllowedAddress('::ffff:127.0.0.2', networks), true);
    assert.equal(isAllowedAddress('127.0.0.1', networks), false);
    assert.equal(isAllowedAddress('127.0.0.3', networks), false);
    assert.equal(isAllowedAddress('fd12::7', networks), true);
    assert.equal(isAllowedAddress('fd13::7', networks), false);
  });

  it('keeps metadata addresses closed inside an open network', () => {
    const everything = ['0.0.0.0/0', '::/0'];
    assert.equal(isAllowedAddress('10.0.0.1', everything), true);
    for (const address of ['169.254.169.254', '::ffff:a9fe:a9fe', 'fd00:ec2::254']) {
      assert.equal(isAllowedAddress(address, everything), false, address);
    }
    assert.equal(isAllowedAddress('64:ff9b::a9fe:a9fe', everything), false);
  });

  it('opens a NAT64 prefix for public IPv4 addresses only', () => {
    const networks = ['64:ff9b::/96'];
    assert.equal(isAllowedAddress('64:ff9b::808:808', networks), true);
    assert.equal(isAllowedAddress('64:ff9b::a00:1', networks), false);
    assert.equal(isAllowedAddress('64:ff9b::7f00:1', networks), false);
  });

  it('names a network that it cannot read', () => {
    assert.throws(() => isAllowedAddress('8.8.8.8', ['10.0.0.0']));
  });
});
