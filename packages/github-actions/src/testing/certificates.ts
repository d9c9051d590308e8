/** Certificates for tests, made by openssl for this purpose and used for nothing else. They end in 2126. */

/** Of `localhost`, signed by itself. */
export const CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBfjCCASWgAwIBAgIUf/7HzZ8PiZnHhcGAjQEF2U77qpgwCgYIKoZIzj0EAwIw',
  'FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODEwMzkwMloYDzIxMjYxMTA0',
  'MTAzOTAyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO',
  'PQMBBwNCAASgRmKMzg1toAFsOlBHmq+aKL1g63ruAeaHgaJvV7WyCJK3N+7EpWld',
  'Dqn23SJ7e95d8ZR1mYl0DE4KP4l6r4GGo1MwUTAdBgNVHQ4EFgQUKJ0gpAbCV504',
  '1tYmBgEJ/o7ck88wHwYDVR0jBBgwFoAUKJ0gpAbCV5041tYmBgEJ/o7ck88wDwYD',
  'VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBufhPje1cJK9tdGu8ma65t',
  'UazTKFsGIU8oC2AEDbi+3wIgNowx+r097Cc+jRKV3PRAZnRtDk8r0TW7EV/5L3iw',
  '1q4=',
  '-----END CERTIFICATE-----',
  ''
].join('\n')

/** Its key. */
export const CERTIFICATE_KEY = [
  '-----BEGIN PRIVATE KEY-----',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMWj1C+eDjEXXjDb4',
  '7jv8HsbkC3z8Szq5TdgXmQqUKLehRANCAASgRmKMzg1toAFsOlBHmq+aKL1g63ru',
  'AeaHgaJvV7WyCJK3N+7EpWldDqn23SJ7e95d8ZR1mYl0DE4KP4l6r4GG',
  '-----END PRIVATE KEY-----',
  ''
].join('\n')

/** With another key. */
export const OTHER_CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBdzCCAR2gAwIBAgIUd0MSU0+SLcdsPsH+Peo2Lj+S7vkwCgYIKoZIzj0EAwIw',
  'EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI4MTAzOTAyWhgPMjEyNjExMDQxMDM5',
  'MDJaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
  'WT95vt2N/+tcX75VX1fsds/ytaHfSbQtJdn6gCV2PYmF6Xfs5s01TxA6cTXakaLd',
  'XCoURWwtDPVs0GpbE8qsjKNTMFEwHQYDVR0OBBYEFGzWwAXvLzaV+9OLheFzpZ5F',
  '+UxsMB8GA1UdIwQYMBaAFGzWwAXvLzaV+9OLheFzpZ5F+UxsMA8GA1UdEwEB/wQF',
  'MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgI9N+z9aNDmIftPl+H2agwdT20kZfl26C',
  'z35/xOLTvf8CIQDm0sL1B12RS7ljEWebGPJWpZr4N0xn8mGHjXf+lEprIQ==',
  '-----END CERTIFICATE-----',
  ''
].join('\n')
