package callback_test

// Refused is counted by the account room; these tests look at the answers.
func (*world) Refused(string, string) {}
