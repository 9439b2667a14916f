/**
 * The commonest passwords of at least ten characters, lower case, as the published lists of leaked passwords agree on
 * them. Short ones need no entry: the length refuses them.
 */
const COMMON_PASSWORDS = new Set(
  `1234567890 0123456789 0987654321 1234567891 12345678910 123456789a 123456789q a123456789 q123456789 123456789abc
  1234567899 1234512345 1122334455 9876543210 1029384756 1357924680 1233211234 12344321123 123123123123 123456123456
  987654321a 147258369a 1478963250 159753456852 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc zaq12wsxcde3
  q1w2e3r4t5 q1w2e3r4t5y6 qwertyuiop qwertyuiop[] qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyui123
  qwertzuiop azertyuiop asdfghjkl1 asdfghjkl; asdfghjkl123 asdfasdfasdf zxcvbnm123 zxcvbnm,./ qazwsxedcrfv qazwsx123456
  qweasdzxc1 qweasdzxc123 1234qwerasdf abcdefghij abcdefghijk abcdefghijkl abcd123456 abcde12345 abc1234567 abc123456789
  password12 password123 password1234 password12345 password123456 passwordpassword mypassword mypassword1 mypassword123
  passw0rd123 passw0rd1234 p@ssw0rd123 p@ssword123 p@ssw0rd1234 password1! password123! password@123 password2020
  password2021 password2022 password2023 password2024 password2025 password2026 changeme123 changeme1234 letmein123
  letmein1234 welcome123 welcome1234 welcome2023 welcome2024 welcome2025 welcome@123 administrator administrator1
  admin12345 admin123456 adminadmin adminadmin1 admin@1234 rootrootroot test123456 testtesttest secret1234 secretsecret
  iloveyou12 iloveyou123 iloveyou1234 iloveyou22 iloveyousomuch iloveyoubaby ilovejesus1 sunshine12 sunshine123
  princess12 princess123 football12 football123 baseball12 baseball123 basketball basketball1 superman123 spiderman1
  spiderman123 batman12345 dragon12345 monkey12345 master12345 shadow12345 michael123 jordan12345 charlie123 liverpool1
  liverpool123 manchester manchester1 chelsea123 arsenal123 barcelona1 barcelona123 computer123 internet123 trustno1234
  whatever123 cheesecake strawberry chocolate1 butterfly1 california christopher alexander1 elizabeth1 pokemon123
  starwars123 minecraft1 minecraft123 fuckyou123 google1234 samsung123 q1w2e3r4t5y6u7 hello12345 helloworld helloworld1
  bismillah1 bismillah123 unknown123 default123 darkroom123 darkroomdarkroom correcthorsebatterystaple`.split(/\s+/),
)

// "aaaaaaaaaa", "1212121212"
const FEWEST_DIFFERENT_CHARACTERS = 3

/** Whether a password is among the first that anybody would try. */
export function isCommonPassword(password: string, username: string): boolean {
  const plain = password.toLowerCase()
  if (plain === username.toLowerCase()) return true
  return COMMON_PASSWORDS.has(plain) || new Set(plain).size < FEWEST_DIFFERENT_CHARACTERS
}
