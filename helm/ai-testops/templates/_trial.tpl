{{/*
Database and broker for trials: one pod each, with one volume, without copies. In production they
belong to whoever looks after databases and brokers.
*/}}

{{/* (root, component, port names and numbers) → its Service. */}}
{{- define "ai-testops.trialService" -}}
apiVersion: v1
kind: Service
metadata: {{- include "ai-testops.metadata" (list (index . 0) (index . 1) -2) | nindent 2 }}
spec:
  clusterIP: None
  # The pod looks itself up before it is ready.
  publishNotReadyAddresses: true
  selector: {{- include "ai-testops.selector" . | nindent 4 }}
  ports:
    {{- range $name, $port := index . 2 }}
    - {name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{- define "ai-testops.trialAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "ai-testops.metadata" (list (index . 0) (index . 1) -3) | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}

{{/* (root, component, user id) → what its pod's spec begins with. */}}
{{- define "ai-testops.trialPod" -}}
serviceAccountName: {{ include "ai-testops.name" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 120
securityContext:
  runAsNonRoot: true
  runAsUser: {{ index . 2 }}
  runAsGroup: {{ index . 2 }}
  fsGroup: {{ index . 2 }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* size → the claim of the volume `data`. */}}
{{- define "ai-testops.trialClaim" -}}
- metadata: {name: data}
  spec:
    accessModes: [ReadWriteOnce]
    resources: {requests: {storage: {{ . }}}}
{{- end -}}

{{/* (root, component) → who may come: the processes that reach it. */}}
{{- define "ai-testops.trialGuests" -}}
{{- $root := index . 0 -}}
{{- $edge := ternary "database" "kafka" (eq (index . 1) "postgres") -}}
{{- range $name, $it := include "ai-testops.components" $root | fromYaml }}
{{- if has $edge $it.reaches }}
- podSelector:
    matchLabels: {{- include "ai-testops.selector" (list $root $name) | nindent 6 }}
{{- end }}
{{- end }}
{{- end -}}
