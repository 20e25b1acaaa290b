package model

// StoredKey is a key made by the program, sealed with the master key.
type StoredKey struct {
	Name   string `gorm:"column:name;primaryKey"`
	Sealed []byte `gorm:"column:sealed"`
}

// TableName names the table.
func (StoredKey) TableName() string { return "key_store" }

// SchemaMeta states facts about the schema, such as the oldest program that may use it.
type SchemaMeta struct {
	Name  string `gorm:"column:name;primaryKey"`
	Value string `gorm:"column:value"`
}

// TableName names the table.
func (SchemaMeta) TableName() string { return "schema_meta" }
