package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a rule says of a caller, and what it says instead of naming callers.
const (
	ruleLetOn     = '.'
	ruleForbidden = 'f'
	ruleNotFound  = 'n'

	rulePublic = "public" // without sign-in
	ruleSelf   = "self"   // everybody who is signed in, and only about himself
)

// restless are tables that reading changes, or that loops fill from what happened before.
var restless = []string{"audits", "feed_events", "feed_streams", "report_facts", "report_sums", "report_days", "leases", "waiting_marks"}

// matrixBodies are the bodies that a schema does not tell.
var matrixBodies = map[string]any{
	"eraseMember": map[string]any{"cause": "wish", "how": "store", "confirm": "erase"},
	"tellConsent": map[string]any{"purpose": "marketing", "state": "given", "text": "x"},
}

// matrixQueries are what a call asks for beside its path.
var matrixQueries = map[string]string{"exportMember": "?cause=wish&how=store", "getOwner": "?at=2026-01-01T00:00:00Z"}

// matrixRules says for each operation what becomes of each caller of the matrix, in their order.
func matrixRules(t *testing.T) map[string]string {
	t.Helper()
	rules := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(matrixTable), "\n") {
		id, rule, ok := strings.Cut(strings.TrimSpace(line), " ")
		require.True(t, ok, line)
		require.NotContains(t, rules, id)
		rules[id] = strings.TrimSpace(rule)
	}
	return rules
}

// The columns: owner; manager, clerk and another clerk of the store; manager and clerk of another store; supervisor of the
// store's region and of another; service desk; owner of another chain. Who is let on to change something is tried with an
// id that is not there: n in his column means that he is shown what is there neither.
const matrixTable = `
addHandInItem            ..ffnffffn
addNote                  ...nnnff.n
addPhrase                ..........
approveCampaign          ..ffnffffn
assignConversation       ..ffnffffn
callbackGet              public
callbackPost             public
cancelCampaign           ..ffnffffn
cancelImport             ..ffnffffn
cancelPurchaseImport     ..ffnffffn
changeHandInItem         ..nnnn.nnn
changePassword           self
changeTags               ...nnnff.n
checkAccount             .ffffffff.
claimConversation        ...nnnff.n
closeComplaint           .ffffffffn
confirmOTP               self
countMembers             ..........
countTodos               ..........
createCampaign           ..ff.ffff.
createCode               ......ff..
createLinkCode           self
createMember             ......ff..
createRegion             .ffffffff.
createSegment            ..ff.f..f.
createSignInCode         ..ffnffffn
createStaff              ..ff.ffff.
createStore              .ffffffff.
createSubstitute         ..ff.ffff.
deactivateStaff          ..ffnffffn
decideBindingRequest     ..ffnffffn
deleteLink               self
deleteNote               ...nnnff.n
deletePhrase             nn.nnnnnnn
deleteSegment            ..ffnf.nfn
disableOTP               self
dismissReceived          nn.nnnnnnn
doTodo                   nn.nnnnnnn
draftIntroduction        nn.nnnnnnn
dropDraft                ...nnn.n.n
dropHandInItem           ..ffnffffn
endLeaving               ..ffnffffn
endSignInCode            ..ffnffffn
endStaffOTP              ..ffnffffn
endStaffSessions         ..ffnffffn
endSubstitute            ..ffnffffn
enrolOTP                 self
eraseMember              ..ffnffffn
exportMember             ..ffnffffn
exportMemberscsv         ..ff.ffff.
exportMembersxlsx        ..ff.ffff.
exportRecipientscsv      ..ffnffffn
exportRecipientsxlsx     ..ffnffffn
exportReportDays         ..........
feed                     self
forecastCampaign         ..ffnffffn
getAccount               ..........
getCampaign              ..ffnffffn
getCampaignOutcome       ..ffnffffn
getCampaignSettings      ..ff.ffff.
getCode                  ...nnn.n.n
getCodePNG               ...nnn.n.n
getCodePoster            ...nnn.n.n
getCodeSVG               ...nnn.n.n
getCodeStatistics        ...nnn.n.n
getCodeStock             ..........
getConsents              ...nnn.n.n
getConversation          ...nnn.n.n
getDraft                 ...nnn.n.n
getDuty                  ....nn.n.n
getDutySettings          ..........
getErasure               ..ffnffffn
getHandIn                ..nnnn.nnn
getHandover              ..ffnf.nfn
getImport                ..ffnffffn
getLink                  self
getMe                    self
getMedia                 nn.nnnnnnn
getMember                ...nnn.n.n
getNoticeSettings        .ffffffff.
getOpenedFiles           ..ffnf.nfn
getOverview              ..........
getOwner                 ...nnn.n.n
getPurchaseImport        ..ffnffffn
getReceiptcsv            ..ffnf.nfn
getReceiptxlsx           ..ffnf.nfn
getRefused               ..ffnffffn
getRefusedPurchases      ..ffnffffn
getRetentionSettings     ..ff.ffff.
getSMSSettings           ..ff.ffff.
getScanStatistics        ..........
getSegment               ..ffnfnnfn
getSignInCode            ..ffnffffn
getStaff                 ....nn.n.n
getStore                 ....nn.n.n
getTimeline              ...nnn.n.n
giveQuietMembers         ..ff.ffff.
healthz                  public
introduce                nn.nnnnnnn
linkMember               ...nnnff.n
listAPIKeys              .ffffffff.
listAudits               .ffffffff.
listBindingRequests      ..ff.ffff.
listBindings             ...nnn.n.n
listBrowsings            ..ff.f..f.
listCampaigns            ..ff.ffff.
listCodes                ..........
listComplaints           .ffffffff.
listConsentRecords       ...nnn.n.n
listConversations        ..........
listErasures             ..ff.ffff.
listHandovers            ..ff.f..f.
listImports              ..ff.ffff.
listMassJobs             ..ffnffffn
listMemberPurchases      ...nnn.n.n
listMembers              ..........
listMerges               ..ff.ffff.
listMessages             ...nnn.n.n
listMessageTemplates     ..ff.ffff.
listMoves                ..ffnf.nfn
listMyCampaigns          ..........
listMyLetters            nnnnnnnnnn
listNotes                ...nnn.n.n
listPhrases              ..........
listPurchaseImports      ..ff.ffff.
listQuietMembers         ..ff.f..f.
listReceived             ..........
listRecipients           ..ffnffffn
listRegions              ..........
listRelatives            ...nnn.n.n
listReportDays           ..........
listScans                ...nnn.n.n
listSegmentFields        ..ff.f..f.
listSegments             ..ff.f..f.
listStaff                ..........
listStores               ..........
listSubstitutes          ..........
listTags                 ..........
listTodoProgress         ..ff.f..f.
listTodos                ..........
makeAPIKey               .ffffffff.
markRead                 ...nnn.n.n
mergeMembers             ..ff.ffff.
metrics                  public
openapi                  public
partMember               ...nnnff.n
pauseCampaign            ..ffnffffn
planHandover             ..ff.ffff.
previewPurchaseImport    ..ffnffffn
previewSegment           ..ff.f..f.
reactivateStaff          ..ffnffffn
readMoves                ..ff.ffff.
readyz                   public
recordComplaint          .ffffffffn
recordPurchases          .ffffffff.
relateMembers            ...nnnff.n
renderPhrase             ...nnn.n.n
reopenTodo               nn.nnnnnnn
replanHandover           ..ffnffffn
resetStaffPassword       ..ffnffffn
resumeAccount            .ffffffff.
resumeCampaign           ..ffnffffn
retryHandover            ..ffnffffn
revealPhone              ...nnnff.n
revokeAPIKey             .ffffffffn
runHandover              ..ffnffffn
runImport                ..ffnffffn
runPurchaseImport        ..ffnffffn
saveDraft                ...nnnff.n
scheduleCampaign         ..ffnffffn
sendMessage              ...nnnff.n
setAway                  self
setCampaignSettings      .ffffffff.
setDuty                  ..ffnffffn
setDutySettings          .ffffffff.
setLeaving               ..ffnffffn
setNoticeSettings        .ffffffff.
setRetentionSettings     .ffffffff.
setSMSSettings           .ffffffff.
setTags                  ...nnnff.n
signHandIn               ..nnnn.nnn
signIn                   public
signInByCode             public
signOut                  self
signOutEverywhere        self
snoozeTodo               nn.nnnnnnn
takeOverConversation     ..ffnffffn
tellConsent              ...nnn.n.n
testCampaign             ..ffnffffn
undoHandover             ..ffnffffn
undoMerge                ..ffnffffn
updateAccount            .ffffffff.
updateCampaign           ..ffnffffn
updateMember             ...nnnff.n
updatePhrase             nn.nnnnnnn
updateRegion             .ffffffffn
updateSegment            ..ffnf.nfn
updateStaff              ..ffnffffn
updateStore              .ffffffffn
uploadImport             ..ff.ffff.
uploadMedia              ......ff..
uploadPurchaseImport     ..ff.ffff.
vetoRecipient            nnnnnnnnnn
withdrawMessage          ...nnnff.n
`
