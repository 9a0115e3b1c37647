# Builds and tests everything; each line stands for itself and runs as well alone.
param([string] $Configuration = 'Release')

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

dotnet build RecSys.sln --configuration $Configuration
dotnet test RecSys.sln --configuration $Configuration --no-build
