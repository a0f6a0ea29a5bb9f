package directory

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/document"
)

func documentProto(d *document.Document) *directoryv1.RegistrationDocument {
	return &directoryv1.RegistrationDocument{
		Attachment: &typev1.Attachment{
			Id: d.ID, Kind: d.Kind, FileName: d.FileName, MediaType: d.MediaType, Size: d.Size, Sha256: d.SHA256,
			CreateTime: timestamppb.New(d.CreatedAt),
		},
		RegistrationPeriod: d.Period,
	}
}

func requirementProto(q *document.Requirement) *directoryv1.DocumentRequirement {
	return &directoryv1.DocumentRequirement{
		OrganizationKind: kindOf(q.OrganizationKind),
		DocumentKind:     q.DocumentKind,
		Level:            directoryv1.DocumentRequirement_Level(directoryv1.DocumentRequirement_Level_value[string(q.Level)]),
		EveryRenewal:     q.EveryRenewal,
	}
}
