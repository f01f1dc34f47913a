{{/* Who may talk to whom; all else is denied. */}}

{{/* {namespace: labels, pods: labels} → one peer. */}}
{{- define "ai-testops.peer" -}}
- namespaceSelector:
    matchLabels: {{- toYaml .namespace | nindent 6 }}
  podSelector:
    matchLabels: {{- toYaml .pods | nindent 6 }}
{{- end -}}

{{/* blocks → peers. */}}
{{- define "ai-testops.blocks" -}}
{{- range . }}
- ipBlock: {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{/* (root, component, ports) → a rule for a part of this release. */}}
{{- define "ai-testops.towards" -}}
- to:
    - podSelector:
        matchLabels: {{- include "ai-testops.selector" . | nindent 10 }}
  ports:
    {{- range index . 2 }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end -}}

{{/* (root, edge) → the rules of what `reaches` names. */}}
{{- define "ai-testops.edge" -}}
{{- $root := index . 0 -}}
{{- $policy := $root.Values.networkPolicy -}}
{{- $edge := index . 1 -}}
{{- if and (eq $edge "database") $root.Values.postgres.enabled }}
{{ include "ai-testops.towards" (list $root "postgres" (list 5432)) }}
{{- else if eq $edge "database" }}
- to:
    {{- range $policy.database.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    - {protocol: TCP, port: {{ $policy.database.port }}}
{{- else if and (eq $edge "kafka") $root.Values.kafka.enabled }}
{{ include "ai-testops.towards" (list $root "kafka" (list 9092)) }}
{{- else if eq $edge "kafka" }}
- to:
    {{- range $policy.kafka.cidrs }}
    - ipBlock: {cidr: {{ . }}}
    {{- end }}
  ports:
    {{- range regexFindAll ":[0-9]+" (join " " $root.Values.kafka.brokers) -1 | uniq | sortAlpha }}
    - {protocol: TCP, port: {{ trimPrefix ":" . }}}
    {{- end }}
{{- else if get $policy $edge }}
- to: {{- include "ai-testops.blocks" (get $policy $edge) | nindent 4 }}
{{- end }}
{{- end -}}

{{- define "ai-testops.networkpolicy" -}}
{{- $root := index . 0 -}}
{{- $policy := $root.Values.networkPolicy -}}
{{- $it := include "ai-testops.component" . | fromYaml -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "ai-testops.metadata" (append . -3) | nindent 2 }}
  {{- /* On an upgrade the old one might keep the job from a database that has moved. */}}
  {{- with include "ai-testops.hookBefore" . }}
  {{- . | nindent 2 }}
  {{- end }}
spec:
  podSelector:
    matchLabels: {{- include "ai-testops.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- if not $it.once }}
  ingress:
    - from:
        {{- include "ai-testops.peer" $policy.prometheus | nindent 8 }}
        {{- if and (eq (index . 1) "web") $root.Values.ingress.enabled }}
        {{- include "ai-testops.peer" $policy.ingress | nindent 8 }}
        {{- end }}
        {{- range $policy.nodes }}
        - ipBlock: {cidr: {{ . }}}
        {{- end }}
      ports:
        - {protocol: TCP, port: {{ default 9100 $it.port }}}
  {{- end }}
  egress:
    - to: {{- include "ai-testops.peer" $policy.dns | nindent 8 }}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    {{- range $it.reaches }}
    {{- include "ai-testops.edge" (list $root .) | nindent 4 }}
    {{- end }}
{{- end -}}
