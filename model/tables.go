package model

// Tables lists a value of every row type, in the order in which a restore may fill them.
func Tables() []any {
	return []any{
		&Account{},
		&Region{},
		&Store{},
		&Staff{},
		&Assignment{},
		&Session{},
		&Throttle{},
		&Audit{},
		&IdempotencyKey{},
		&Member{},
		&Identity{},
		&Follower{},
		&Binding{},
		&Access{},
		&Merge{},
		&Conversation{},
		&Message{},
		&Push{},
		&Lease{},
		&Delivery{},
		&Allowance{},
		&Media{},
		&Code{},
		&Scan{},
		&BindingRequest{},
		&FeedStream{},
		&FeedEvent{},
		&FeedReader{},
		&StoredKey{},
		&SchemaMeta{},
	}
}
