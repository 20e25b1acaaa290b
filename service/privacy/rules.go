package privacy

import (
	"strings"

	"liuke/model"
)

// What becomes of the rows of a table when a member's data is erased.
const (
	FateRemoved = "removed" // his rows go
	FateBlanked = "blanked" // his rows stay and lose what is said of him
	FateKept    = "kept"    // nothing changes; Why says why that may be
)

// Why a table stays as it is.
const (
	WhyLaw   = "law"   // sales must be kept; they hang on a number that stands for nobody any more
	WhyIDs   = "ids"   // numbers of rows and times: what they point at says nothing of him any more
	WhyHouse = "house" // about the chain, its people and its settings
	WhySoon  = "soon"  // ids that go by themselves within days
	WhyFile  = "file"  // files that people upload: sealed, and gone within days; whoever runs one later tells of him anew
)

// rule says of one table what becomes of a member's rows in it. A test holds that each table has one, and that each
// column of a table whose rows stay is named by it: a new column makes somebody decide.
type rule struct {
	table string
	fate  string
	why   string   // of kept ones
	by    []string // columns by which his rows are found; none: no row is found by him
	only  string   // a further condition on the rows; may be empty
	blank []blank  // of blanked ones
	stays string   // columns that stay, of those that are blanked or kept
	// sweep does one bounded part of the work in place of one plain statement, see sweeps. cut: the transaction that takes his
	// identity away does it.
	sweep sweep
	cut   bool
	// hide are the columns that an export of his data leaves out; "*": it leaves out the table.
	hide string
}

// blank is a column and what it gets.
type blank struct {
	column string
	value  any
}

// rules are those of all tables, in the order in which an erasure goes through them: first what points at other rows.
func rules() []rule {
	const member, talk, follower = "member_id", "conversation_id", "follower_id"
	return append([]rule{
		// His identity and what hangs on it. From that commit on he is a stranger.
		{table: "members", fate: FateBlanked, by: []string{"id"}, cut: true, hide: "phone_tail_hash initials", blank: []blank{
			{"name", ""}, {"initials", ""}, {"phone_sealed", nil}, {"phone_tail_hash", ""}, {"card_no", ""}, {"level", ""}, {"points", 0},
		}, stays: "id account_id created_at kind store_id clerk_id bound_at merged_into updated_at"},
		{table: "member_identities", fate: FateRemoved, by: []string{member}, cut: true, hide: "*"},
		{
			table: "followers", fate: FateBlanked, by: []string{"id"}, cut: true, blank: []blank{{"openid", nil}, {"kind", nil}, {"subscribed", nil}},
			stays: "id account_id member_id staff_id subscribed_at unsubscribed_at created_at",
		},
		{table: "subscription_grants", fate: FateRemoved, by: []string{"openid"}, cut: true},
		{
			table: "pushes", fate: FateBlanked, by: []string{"openid"}, cut: true, hide: "*", blank: []blank{{"openid", ""}, {"body", nil}},
			stays: "lane id account_id dedupe msg_type event state tries reason due_at received_at done_at",
		},
		// Bundles from before are waited for, see settle: none of his is left in one.
		{table: "push_bundles", fate: FateKept, why: WhyHouse, hide: "*", stays: "lane id pushes body received_at"},
		{table: "conversations", fate: FateRemoved, by: []string{"id"}, cut: true, hide: "rank_at read_seq answered_seq"},
		{table: "member_access", fate: FateRemoved, by: []string{member}, cut: true},
		{table: "codes", fate: FateRemoved, by: []string{member}, cut: true, hide: "ticket scene url"},
		{table: "merges", fate: FateRemoved, by: []string{"from_member_id", "into_member_id"}, cut: true, hide: "moved"},

		// What was said to him, by him and of him.
		{table: "messages", fate: FateRemoved, by: []string{talk}, sweep: messages, hide: "shard client_id"},
		{table: "media", fate: FateRemoved, by: []string{talk}, sweep: files, hide: "wechat_media_id wechat_until blob_key owner lease_until tries due_at"},
		{
			table: "deliveries", fate: FateBlanked, by: []string{follower}, sweep: deliveries, hide: "*", blank: []blank{{"payload", "{}"}, {"dedupe_key", nil}},
			stays: "id account_id follower_id member_id conversation_id message_id purpose source_kind source_id author_kind author_id on_behalf_of " +
				"channel channel_reason kind state reason window_kind tries due_at expires_at owner lease_until msg_id cost created_at updated_at",
		},
		{table: "drafts", fate: FateRemoved, by: []string{talk}},
		{table: "member_attributes", fate: FateRemoved, by: []string{member}},
		{table: "member_tags", fate: FateRemoved, by: []string{member}},
		{table: "member_classes", fate: FateRemoved, by: []string{member}},
		{table: "member_notes", fate: FateRemoved, by: []string{member}},
		{table: "member_profiles", fate: FateRemoved, by: []string{member}, hide: "*"}, // a copy of attributes
		{table: "member_children", fate: FateRemoved, by: []string{member}, hide: "*"}, // the same
		{table: "member_families", fate: FateRemoved, by: []string{member}},
		{table: "purchase_totals", fate: FateRemoved, by: []string{member}, hide: "*"}, // a sum of purchases
		{
			table: "complaints", fate: FateBlanked, by: []string{member}, blank: []blank{{"text", ""}, {"result", ""}},
			stays: "id account_id member_id made_by store_id clerk_id channel recorded_by created_at due_at closed_at closed_by",
		},
		{
			table: "todos", fate: FateBlanked, by: []string{member}, blank: []blank{{"note", ""}, {"level", ""}},
			stays: "id account_id staff_id member_id kind handover_id priority first_due_at due_at snoozes assigned_at contacted_at neglected_at done_at done_by result created_at",
		},
		// What he agreed to by the page is our text; what somebody typed may name him.
		{
			table: "consent_records", fate: FateBlanked, by: []string{member}, only: "how <> '" + model.ConsentByPage + "'", blank: []blank{{"text", ""}},
			stays: "id account_id member_id purpose state how by_kind by_id at",
		},
		{
			table: "campaign_recipients", fate: FateBlanked, by: []string{member}, only: "state = '" + model.RecipientWaiting + "'",
			blank: []blank{{"state", model.RecipientSkipped}, {"reason", model.Erased}}, hide: "delivery_id job_id due_at tried",
			stays: "campaign_id member_id account_id channel tried store_id clerk_id delivery_id due_at sent_at replied_at job_id message_id cost",
		},
		{
			table: "binding_requests", fate: FateBlanked, by: []string{member}, only: "state = '" + model.RequestOpen + "'", hide: "*",
			blank: []blank{{"state", model.RequestNoted}},
			stays: "id account_id kind member_id follower_id store_id from_clerk_id to_clerk_id to_store_id code_id decided_by decided_at created_at",
		},
		// What was sent says with ids alone whom it was about, for a week.
		{table: "notices", fate: FateRemoved, by: []string{member}, only: "state IN ('" + model.StateQueued + "', '" + model.StateSending + "')", hide: "*"},
		{table: "waiting_marks", fate: FateRemoved, by: []string{talk}, hide: "*"},
		{table: "allowances", fate: FateRemoved, by: []string{follower}, hide: "*"},
		{table: "mass_rations", fate: FateRemoved, by: []string{follower}, hide: "*"},
		{table: "campaign_answers", fate: FateRemoved, by: []string{talk}, hide: "*"},
		{table: "idempotency_keys", fate: FateRemoved, by: []string{"body"}, sweep: answers, hide: "*"},

		// What is his and stays.
		{
			table: "purchases", fate: FateKept, why: WhyLaw, by: []string{member}, hide: "digest source_kind source_id",
			stays: "id account_id member_id bought_by external_id store_id clerk_id paid_at amount refund_of digest source_kind source_id created_at",
		},
		{
			table: "purchase_items", fate: FateKept, why: WhyLaw, by: []string{member},
			stays: "purchase_id line member_id paid_at sku name category quantity amount",
		},
		{table: "consents", fate: FateKept, why: WhyIDs, by: []string{member}, stays: "member_id purpose account_id state at"},
		{
			table: "bindings", fate: FateKept, why: WhyIDs, by: []string{member},
			stays: "id account_id member_id seq store_id clerk_id from_at to_at how by_kind by_id source_id",
		},
		{
			table: "scans", fate: FateKept, why: WhyIDs, by: []string{member}, hide: "scene",
			stays: "id account_id code_id scene follower_id member_id store_id clerk_id outcome followed at",
		},
		{
			table: "handover_moves", fate: FateKept, why: WhyIDs,
			stays: "handover_id member_id from_store_id to_clerk_id to_store_id level why binding_id binding_seq new_binding_id undo_binding_id todo_id due_day result reason",
		},
		{
			table: "introductions", fate: FateKept, why: WhyIDs,
			stays: "handover_id member_id account_id staff_id conversation_id message_id state reason tries created_at updated_at",
		},
		{table: "audits", fate: FateKept, why: WhyIDs, stays: "id account_id at actor_kind actor_id action object object_id member_id detail request_id"},
		{
			table: "erasures", fate: FateKept, why: WhyIDs,
			stays: "id account_id store_id member_id open_member_id cause how by_id state waits_for due_at step dirty subject counts files asked_at cut_at round_at finished_at",
		},
		{table: "report_sums", fate: FateKept, why: WhySoon, stays: "id account_id store_id clerk_id at messages_in"},
		{table: "report_facts", fate: FateKept, why: WhySoon, stays: "id account_id kind store_id clerk_id member_id took at"},
		{table: "feed_events", fate: FateKept, why: WhySoon, stays: "stream seq account_id kind member_id data at"},
		{table: "template_results", fate: FateKept, why: WhySoon, stays: "account_id msg_id status at"},
		{table: "mass_results", fate: FateKept, why: WhySoon, stays: "account_id msg_id ok reason total filtered sent failed used at"},
		{table: "member_import_parts", fate: FateKept, why: WhyFile, stays: "import_id first_row numbers sealed"},
		{table: "member_import_refusals", fate: FateKept, why: WhyFile, stays: "import_id row_no reason"},
	}, houseRules()...)
}

// houseRules are those of tables that hold nothing of members.
func houseRules() []rule {
	var out []rule
	for line := range strings.SplitSeq(strings.TrimSpace(houseTables), "\n") {
		table, columns, _ := strings.Cut(strings.TrimSpace(line), ": ")
		out = append(out, rule{table: table, fate: FateKept, why: WhyHouse, stays: columns})
	}
	return out
}

const houseTables = `
accounts: id appid name original_id secret_sealed token_sealed aes_key_sealed aes_key_previous_sealed state state_reason greeting second_scan codes_used wait_amber_minutes wait_red_minutes business_hours undo_hours version created_at updated_at
api_keys: id account_id name hash head created_by created_at last_used_at revoked_at
regions: id account_id parent_id name created_at
stores: id account_id code region_id name time_zone greeting created_at business_hours
staff: id account_id phone_hash phone_sealed name role store_id region_id password_hash password_changed_at otp_sealed otp_enabled active away seen_at assigned_at created_at left_at leaving_at
staff_assignments: id account_id staff_id role store_id region_id from_at to_at
sessions: token_hash account_id staff_id csrf_hash by_code created_at seen_at expires_at
sign_in_codes: staff_id account_id secret_hash created_by created_at expires_at used_at
throttles: key_hash failures window_at blocked_until
retention_settings: account_id grace_days from_at updated_at
segments: id account_id scope store_id staff_id name filter version created_at updated_at
member_imports: id account_id by_id request_id kind state reason headings mapping store_id duplicates total done created updated refused owner lease_until created_at started_at finished_at
phrases: id account_id scope store_id staff_id title text situation sort created_at updated_at
journals: id oldest pushes seen_at
leases: name owner until_at
campaigns: id account_id store_id name state reason segment_id filter content channels control outcome_days start_at phase cursor_id audience created_by created_at updated_at version approved_by approved_at started_at finished_at errors
campaign_settings: account_id quiet_from quiet_to cap cap_days
sms_settings: account_id provider secret_id_sealed secret_key_sealed app_id region signature price updated_at
mass_jobs: id account_id campaign_id text state reason month members msg_id tries first_try_at due_at owner lease_until onward told counted total filtered sent failed created_at sent_at finished_at
mass_accounts: account_id day calls closed_until reason
api_stops: account_id api reason stopped_until at
handovers: id account_id store_id from_clerk_id kind leaving retry_of rule codes_to preview state phase reason tries total moved skipped failed undone stayed created_by created_at planned_at run_by run_at done_at undo_until undo_by undone_at days obliged_days
handover_successors: handover_id staff_id account_id clerk_id turn_at ended_at
handover_receivers: handover_id staff_id account_id members at dismissed_at ended_at
duty_settings: account_id introduction quiet_days to_queue hand_in_required updated_at
substitutes: id account_id store_id clerk_id substitute_id from_at to_at ended_at created_by created_at told_from told_to
hand_ins: id account_id staff_id open_staff_id version created_at ended_at
hand_in_items: id account_id hand_in_id kind title place done note changed_by changed_at
hand_in_signatures: id account_id hand_in_id side staff_id staff_name version content signed_at voided_at voided_by
browsings: id account_id store_id staff_id day files usual leaving created_at
duty_plans: staff_id account_id daily_cap backup intake_day intake updated_at
duty_hours: staff_id weekday from_minute to_minute account_id
report_days: account_id store_id clerk_id day new_members scans unfollows messages_in messages_out answered answers_30s answers_1m answers_2m answers_5m answers_10m answers_20m answers_30m answers_1h answers_2h answers_4h answers_1d answers_later
staff_links: staff_id account_id follower_id linked_at
notice_settings: account_id template_id field updated_at
feed_streams: stream seq pruned_seq
feed_readers: staff_id stream base_seq base_id
key_store: name sealed
schema_meta: name value
`

// stayColumns are the columns that a rule says stay.
func (r rule) stayColumns() []string { return strings.Fields(r.stays) }
